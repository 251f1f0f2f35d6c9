using System.Numerics;

namespace Estream.Wire.Fix.Codec;

/// <summary>Text of up to eight bytes in one word, the first of them lowest: read without a loop, as in Lemire, "Number parsing at a gigabyte per second" (2021).</summary>
internal static class EightBytes
{
    private const ulong Ones = 0x0101_0101_0101_0101;
    private const ulong Zeros = '0' * Ones;
    private const ulong HighHalves = 0xF0 * Ones;

    /// <summary>Where a byte stands first; 8 where it does not.</summary>
    public static int IndexOf(ulong text, byte value)
    {
        // The lowest byte that is zero has the lowest bit of all; bytes above it may have one for no reason.
        ulong others = text ^ (value * Ones);
        return BitOperations.TrailingZeroCount((others - Ones) & ~others & (0x80 * Ones)) / 8;
    }

    /// <summary>The first bytes, with zeros in front instead of those behind.</summary>
    /// <param name="text">The text.</param>
    /// <param name="count">How many bytes: 1 to 7.</param>
    public static ulong First(ulong text, int count)
    {
        return (text << (64 - (8 * count))) | (Zeros >> (8 * count));
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
}
