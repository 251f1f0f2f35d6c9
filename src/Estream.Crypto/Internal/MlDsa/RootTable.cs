namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Powers of the root of unity used by a transform, each with its quotient, in the order of use.</summary>
internal sealed class RootTable
{
    private RootTable(int[] roots)
    {
        Roots = roots;
        Quotients = new int[roots.Length];
        for (int at = 0; at < roots.Length; at++)
        {
            Quotients[at] = Field.Quotient(roots[at]);
        }
    }

    /// <summary>The roots, between -q/2 and q/2.</summary>
    public int[] Roots { get; }

    /// <summary>The <see cref="Field.Quotient"/> of each root.</summary>
    public int[] Quotients { get; }

    /// <summary>The standard's zetas: 1753 to the power of BitRev8(i), for i from 0 to 255 (FIPS 204, appendix B).</summary>
    public static RootTable Standard { get; } = new(PowersInOrder());

    /// <summary>The root of the last layer of the inverse transform, multiplied by <see cref="Field.InverseScale"/>.</summary>
    public static int LastInverse { get; } = Field.Centered(Field.Multiply(Standard.Roots[1] + Field.Q, Field.InverseScale + Field.Q));

    /// <summary>Returns the roots of a layer within vectors of the transform, in the order in which pairs of vectors use them.</summary>
    /// <param name="count">The number of coefficients of a vector.</param>
    /// <param name="length">The distance between the halves of a butterfly, in coefficients.</param>
    public static RootTable Forward(int count, int length) => Within(count, length, Field.N / 2 / length, 1);

    /// <summary>Returns the roots of a layer within vectors of the inverse transform.</summary>
    /// <param name="count">The number of coefficients of a vector.</param>
    /// <param name="length">The distance between the halves of a butterfly, in coefficients.</param>
    public static RootTable Inverse(int count, int length) => Within(count, length, (Field.N / length) - 1, -1);

    private static RootTable Within(int count, int length, int first, int step)
    {
        var roots = new int[Field.N / 2];
        for (int at = 0; at < roots.Length; at++)
        {
            roots[at] = Standard.Roots[first + (PairedVectors.Source(at, count, length) / (2 * length) * step)];
        }

        return new RootTable(roots);
    }

    private static int[] PowersInOrder()
    {
        var powers = new int[Field.N];
        int power = 1;
        for (int exponent = 0; exponent < Field.N; exponent++)
        {
            powers[BitReversal.Of(exponent, 8)] = Field.Centered(power);
            power = Field.Multiply(power, Field.Root);
        }

        return powers;
    }
}
