using System.Numerics;
using Estream.Core;

namespace Estream.Wire.Fix.Codec;

/// <summary>Text of up to eight bytes in one word, the first of them lowest: read without a loop, as in Lemire, "Number parsing at a
/// gigabyte per second" (2021).</summary>
internal static class EightBytes
{
    private const ulong Ones = 0x0101_0101_0101_0101;
    private const ulong TopBits = 0x80 * Ones;
    private const ulong Zeros = '0' * Ones;
    private const ulong HighHalves = 0xF0 * Ones;

    // "00:00:00", and what lifts a byte to the top bit that is no digit, or no colon, once these are taken away.
    private const ulong Midnight = 0x3030_3A30_303A_3030;
    private const ulong AboveClock = 0x7676_7F76_767F_7676;

    /// <summary>The first eight bytes of a text; bytes of zero behind one that is shorter.</summary>
    public static ulong Of(ReadOnlySpan<byte> text)
    {
        // A text of less is read in parts that overlap.
        return text.Length switch
        {
            >= sizeof(ulong) => SpanValue.Read<ulong>(text, 0),
            >= sizeof(uint) => SpanValue.Read<uint>(text, 0)
                | ((ulong)SpanValue.Read<uint>(text, text.Length - sizeof(uint)) << (8 * (text.Length - sizeof(uint)))),
            > 0 => text[0] | ((ulong)text[text.Length / 2] << (8 * (text.Length / 2))) | ((ulong)text[^1] << (8 * (text.Length - 1))),
            _ => 0,
        };
    }

    /// <summary>Where a byte stands first; 8 where it does not.</summary>
    public static int IndexOf(ulong text, byte value)
    {
        // The lowest byte that is zero has the lowest bit of all; bytes above it may have one for no reason.
        ulong others = text ^ (value * Ones);
        return BitOperations.TrailingZeroCount((others - Ones) & ~others & TopBits) / 8;
    }

    /// <summary>Whether one of the eight bytes is a control character: below a space.</summary>
    public static bool HasControls(ulong text)
    {
        // A byte lends only to one below it that is a control character, so the answer is the same.
        return ((text - (' ' * Ones)) & ~text & TopBits) != 0;
    }

    /// <summary>The text without the byte at a place; those behind it move up.</summary>
    public static ulong Without(ulong text, int place)
    {
        ulong before = (1UL << (8 * place)) - 1;
        return (text & before) | ((text >> 8) & ~before);
    }

    /// <summary>The first bytes, with digits of zero in front instead of those behind: the same number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="count">How many bytes: 1 to 8.</param>
    public static ulong First(ulong text, int count)
    {
        return (text << (64 - (8 * count))) | ((Zeros >> 8) >> ((8 * count) - 8));
    }

    /// <summary>A text of so many bytes, with digits of zero behind it: the same fraction.</summary>
    /// <param name="text">The text; bytes of zero behind it.</param>
    /// <param name="count">How many bytes: 1 to 8.</param>
    public static ulong Fraction(ulong text, int count)
    {
        return text | ((Zeros << 8) << ((8 * count) - 8));
    }

    /// <summary>Eight digits as a number.</summary>
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

    /// <summary>HH:MM:SS, each of two digits, whatever they are.</summary>
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
