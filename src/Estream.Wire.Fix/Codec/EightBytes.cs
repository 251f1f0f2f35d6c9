using System.Numerics;
using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>Handles text of up to eight bytes in one 64-bit word, first byte lowest. Parses without a loop, as in Lemire, "Number parsing
/// at a gigabyte per second" (2021).</summary>
internal static class EightBytes
{
    private const ulong Ones = 0x0101_0101_0101_0101;
    private const ulong TopBits = 0x80 * Ones;
    private const ulong Zeros = '0' * Ones;
    private const ulong HighHalves = 0xF0 * Ones;

    // The text "00:00:00", and the number to add after the XOR with that text. The addition sets the top bit of each byte that is not the
    // expected digit or colon.
    private const ulong Midnight = 0x3030_3A30_303A_3030;
    private const ulong AboveClock = 0x7676_7F76_767F_7676;

    /// <summary>The first eight bytes of a text; a shorter text is padded with zero bytes at the end.</summary>
    public static ulong Of(ReadOnlySpan<byte> text)
    {
        // A shorter text is read in overlapping parts.
        return text.Length switch
        {
            >= sizeof(ulong) => SpanValue.Read<ulong>(text, 0),
            >= sizeof(uint) => SpanValue.Read<uint>(text, 0)
                | ((ulong)SpanValue.Read<uint>(text, text.Length - sizeof(uint)) << (8 * (text.Length - sizeof(uint)))),
            > 0 => text[0] | ((ulong)text[text.Length / 2] << (8 * (text.Length / 2))) | ((ulong)text[^1] << (8 * (text.Length - 1))),
            _ => 0,
        };
    }

    /// <summary>The index of the first occurrence of a byte; 8 if it does not occur.</summary>
    public static int IndexOf(ulong text, byte value)
    {
        // The lowest zero byte gives the lowest set bit; bytes above it can be false positives.
        ulong others = text ^ (value * Ones);
        return BitOperations.TrailingZeroCount((others - Ones) & ~others & TopBits) >> 3;
    }

    /// <summary>Whether one of the eight bytes is a control character, that is, less than a space.</summary>
    public static bool HasControls(ulong text)
    {
        // The subtraction borrows only from a byte above a control character, so a borrow cannot change the result.
        return ((text - (' ' * Ones)) & ~text & TopBits) != 0;
    }

    /// <summary>The text without the byte at an index; the bytes after it move up.</summary>
    public static ulong Without(ulong text, int place)
    {
        ulong before = (1UL << (8 * place)) - 1;
        return (text & before) | ((text >> 8) & ~before);
    }

    /// <summary>The first bytes, padded with '0' digits in front: the number keeps its value.</summary>
    /// <param name="text">The text.</param>
    /// <param name="count">The number of bytes, 1 to 8.</param>
    public static ulong First(ulong text, int count)
    {
        return (text << (64 - (8 * count))) | ((Zeros >> 8) >> ((8 * count) - 8));
    }

    /// <summary>A text padded with '0' digits at the end: the fraction keeps its value.</summary>
    /// <param name="text">The text, followed by zero bytes.</param>
    /// <param name="count">The number of bytes, 1 to 8.</param>
    public static ulong Fraction(ulong text, int count)
    {
        return text | ((Zeros << 8) << ((8 * count) - 8));
    }

    /// <summary>Reads eight digits as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryDigits(ulong text, out int value)
    {
        ulong halves = (text & HighHalves) | (((text + (0x06 * Ones)) & HighHalves) >> 4);
        ulong digits = text - Zeros;
        digits = (digits * 10) + (digits >> 8);
        ulong even = (digits & 0x0000_00FF_0000_00FF) * (100 + (1_000_000UL << 32));
        ulong odd = ((digits >> 16) & 0x0000_00FF_0000_00FF) * (1 + (10_000UL << 32));
        value = (int)((even + odd) >> 32);
        return halves == 0x3333_3333_3333_3333;
    }

    /// <summary>Reads one to four digits as a number.</summary>
    /// <param name="text">The digits, first digit in the lowest byte. The bytes after the digits are ignored.</param>
    /// <param name="count">The number of digits, 1 to 4.</param>
    /// <param name="value">The number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryFourDigits(uint text, int count, out int value)
    {
        // Padded with '0' digits in front.
        uint padded = (text << (32 - (8 * count))) | (0x0030_3030U >> ((8 * count) - 8));
        uint halves = (padded & 0xF0F0_F0F0) | (((padded + 0x0606_0606) & 0xF0F0_F0F0) >> 4);
        uint digits = padded - 0x3030_3030;
        uint pairs = ((digits * 10) + (digits >> 8)) & 0x00FF_00FF;
        value = (int)((pairs * (1 + (100 << 16))) >> 16);
        return halves == 0x3333_3333;
    }

    /// <summary>Reads HH:MM:SS, two digits each, without checking their ranges.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryClock(ulong text, out int hour, out int minute, out int second)
    {
        ulong digits = text ^ Midnight;
        ulong pairs = (digits * 10) + (digits >> 8);
        hour = (byte)pairs;
        minute = (byte)(pairs >> 24);
        second = (byte)(pairs >> 48);
        return (((digits + AboveClock) | digits) & TopBits) == 0;
    }
}
