namespace Estream.Crypto.Internal;

/// <summary>Where coefficients are while a transform has brought the halves of its butterflies into two vectors.</summary>
internal static class PairedVectors
{
    /// <summary>
    /// Which coefficient is in a place of the first vectors of pairs: of each 2 * <paramref name="length"/> of two vectors, the first
    /// halves, those of the first vector and then those of the second.
    /// </summary>
    /// <param name="at">The place, counted over all pairs.</param>
    /// <param name="count">Coefficients of a vector.</param>
    /// <param name="length">From one half of a butterfly to the other, in coefficients; at most a vector.</param>
    public static int Source(int at, int count, int length)
    {
        int lane = at % count;
        int inBlock = lane % (2 * length);
        int inPair = inBlock < length ? lane : lane - length + count;
        return (at / count * 2 * count) + inPair;
    }
}
