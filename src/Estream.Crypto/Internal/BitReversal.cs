namespace Estream.Crypto.Internal;

/// <summary>Bit-reversed order, in which the standards number their roots of unity.</summary>
internal static class BitReversal
{
    /// <summary>Returns the lowest <paramref name="bits"/> bits of a number in reverse order.</summary>
    public static int Of(int value, int bits)
    {
        int reversed = 0;
        for (int bit = 0; bit < bits; bit++)
        {
            reversed |= ((value >> bit) & 1) << (bits - 1 - bit);
        }

        return reversed;
    }
}
