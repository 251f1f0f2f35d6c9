namespace Estream.Crypto.Internal.MlKem;

/// <summary>The factors of a layer whose butterflies are within vectors, in the order in which pairs of vectors use them.</summary>
internal sealed class LayerFactors
{
    private LayerFactors(int count, int length, int first, int step)
    {
        // The scalar implementation has no layers within vectors.
        for (int at = 0; length < count && at < Zetas.Length; at++)
        {
            int block = PairedVectors.Source(at, count, length) / (2 * length);
            Zetas[at] = MlKem.Zetas.Values[first + (block * step)];
            OverQ[at] = MlKem.Zetas.OverQ(Zetas[at]);
        }
    }

    /// <summary>The factor of each butterfly.</summary>
    public short[] Zetas { get; } = new short[Parameters.N / 2];

    /// <summary>Each factor divided by q, modulo 2^16.</summary>
    public short[] OverQ { get; } = new short[Parameters.N / 2];

    /// <summary>Returns the factors of a layer of the transform.</summary>
    /// <param name="count">The number of coefficients of a vector.</param>
    /// <param name="length">The distance between the halves of a butterfly, in coefficients.</param>
    public static LayerFactors Forward(int count, int length) => new(count, length, Parameters.N / 2 / length, 1);

    /// <summary>Returns the factors of a layer of the inverse transform.</summary>
    /// <param name="count">The number of coefficients of a vector.</param>
    /// <param name="length">The distance between the halves of a butterfly, in coefficients.</param>
    public static LayerFactors Inverse(int count, int length) => new(count, length, (Parameters.N / length) - 1, -1);
}
