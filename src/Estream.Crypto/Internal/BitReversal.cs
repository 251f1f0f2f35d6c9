namespace Estream.Crypto.Internal;

/// <summary>The order in which the standards number their roots of unity.</summary>
internal static class BitReversal
{
    /// <summary>The lowest bits of a number in reverse.</summary>
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
