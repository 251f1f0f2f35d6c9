namespace Estream.Crypto.Internal.MlKem;

/// <summary>What a layer whose butterflies are within vectors multiplies by, in the order in which pairs of vectors need it.</summary>
internal sealed class LayerFactors
{
    private LayerFactors(int count, int length, int first, int step)
    {
        // Without vectors there is no such layer.
        for (int at = 0; length < count && at < Zetas.Length; at++)
        {
            int block = PairedVectors.Source(at, count, length) / (2 * length);
            Zetas[at] = MlKem.Zetas.Values[first + (block * step)];
            OverQ[at] = MlKem.Zetas.OverQ(Zetas[at]);
        }
    }

    /// <summary>A factor for each butterfly.</summary>
    public short[] Zetas { get; } = new short[Parameters.N / 2];

    /// <summary>The same over q modulo 2^16.</summary>
    public short[] OverQ { get; } = new short[Parameters.N / 2];

    /// <summary>The factors of a layer of the transform.</summary>
    /// <param name="count">Coefficients of a vector.</param>
    /// <param name="length">From one half of a butterfly to the other, in coefficients.</param>
    public static LayerFactors Forward(int count, int length) => new(count, length, Parameters.N / 2 / length, 1);

    /// <summary>The factors of a layer of the inverse.</summary>
    /// <param name="count">Coefficients of a vector.</param>
    /// <param name="length">From one half of a butterfly to the other, in coefficients.</param>
    public static LayerFactors Inverse(int count, int length) => new(count, length, (Parameters.N / length) - 1, -1);
}
