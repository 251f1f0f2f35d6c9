namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The numbers all parameter sets of ML-DSA share (FIPS 204, section 4), and those of arithmetic modulo q in 32 bits.</summary>
internal static class Field
{
    /// <summary>The modulus q, 2^23 - 2^13 + 1.</summary>
    public const int Q = 8380417;

    /// <summary>1/q modulo 2^32.</summary>
    public const int QInverse = 58728449;

    /// <summary>Coefficients of a polynomial.</summary>
    public const int N = 256;

    /// <summary>Bits of t that are not in the public key.</summary>
    public const int D = 13;

    /// <summary>The 512th root of unity the transform is made of.</summary>
    public const int Root = 1753;

    /// <summary>2^32 / 256 modulo q: the end of the inverse transform, which also undoes the division by 2^32 that a product has been
    /// through.</summary>
    public static int InverseScale { get; } = Centered(1 << 24);

    /// <summary>The product of two numbers from 0 to q - 1, one of them too. For tables.</summary>
    public static int Multiply(int a, int b) => (int)((long)a * b % Q);

    /// <summary>The same modulo q, between -q/2 and q/2, of a number that is not negative. For tables.</summary>
    public static int Centered(int number) => number % Q > Q / 2 ? (number % Q) - Q : number % Q;

    /// <summary>
    /// A constant over q in units of 2^-32, rounded: what goes with a factor of <see cref="ICoefficientLane{T, TWide}.Multiply"/>.
    /// </summary>
    /// <param name="constant">Between -q/2 and q/2.</param>
    public static int Quotient(int constant) => (int)Math.Round(constant * 4294967296.0 / Q);
}
