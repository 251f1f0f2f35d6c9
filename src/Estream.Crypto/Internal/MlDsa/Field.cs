namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The constants that all parameter sets of ML-DSA share (FIPS 204, section 4), and the constants of 32-bit arithmetic modulo
/// q.</summary>
internal static class Field
{
    /// <summary>The modulus q, 2^23 - 2^13 + 1.</summary>
    public const int Q = 8380417;

    /// <summary>1/q modulo 2^32.</summary>
    public const int QInverse = 58728449;

    /// <summary>The number of coefficients of a polynomial.</summary>
    public const int N = 256;

    /// <summary>The number of low bits of t that are not in the public key.</summary>
    public const int D = 13;

    /// <summary>The 512th root of unity used by the transform.</summary>
    public const int Root = 1753;

    /// <summary>2^32 / 256 modulo q: the scale factor of the inverse transform. It also undoes the division by 2^32 of a product.</summary>
    public static int InverseScale { get; } = Centered(1 << 24);

    /// <summary>Multiplies two numbers from 0 to q - 1 modulo q. For tables.</summary>
    public static int Multiply(int a, int b) => (int)((long)a * b % Q);

    /// <summary>Reduces a non-negative number modulo q to the range from -q/2 to q/2. For tables.</summary>
    public static int Centered(int number) => number % Q > Q / 2 ? (number % Q) - Q : number % Q;

    /// <summary>
    /// Returns a constant divided by q in units of 2^-32, rounded: the quotient that <see cref="ICoefficientLane{T, TWide}.Multiply"/>
    /// needs for the constant.
    /// </summary>
    /// <param name="constant">A number between -q/2 and q/2.</param>
    public static int Quotient(int constant) => (int)Math.Round(constant * 4294967296.0 / Q);
}
