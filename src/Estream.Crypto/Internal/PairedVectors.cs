namespace Estream.Crypto.Internal;

/// <summary>The positions of coefficients while a transform holds the two halves of its butterflies in two vectors.</summary>
internal static class PairedVectors
{
    /// <summary>
    /// Returns the index of the coefficient that occupies a lane of the first vector of a pair. For each block of 2 *
    /// <paramref name="length"/> coefficients, this vector holds the first half of the block from the first original vector, followed by
    /// the first half of the block from the second.
    /// </summary>
    /// <param name="at">The lane, counted over all pairs.</param>
    /// <param name="count">The number of coefficients of a vector.</param>
    /// <param name="length">The distance between the halves of a butterfly, in coefficients; at most a vector.</param>
    public static int Source(int at, int count, int length)
    {
        int lane = at % count;
        int inBlock = lane % (2 * length);
        int inPair = inBlock < length ? lane : lane - length + count;
        return (at / count * 2 * count) + inPair;
    }
}
