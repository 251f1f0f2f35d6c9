namespace Estream.Crypto.Internal.MlKem;

/// <summary>The constants of ML-KEM-1024 (FIPS 203, section 8), and the constants of Montgomery arithmetic modulo q with R =
/// 2^16.</summary>
internal static class Parameters
{
    /// <summary>The modulus q.</summary>
    public const int Q = 3329;

    /// <summary>1/q modulo 2^16, as a signed number.</summary>
    public const short QInverse = -3327;

    /// <summary>R modulo q.</summary>
    public const int R = 65536 % Q;

    /// <summary>R² modulo q: a Montgomery multiplication by R² multiplies by R.</summary>
    public const short RSquared = R * R % Q;

    /// <summary>The number of coefficients of a polynomial.</summary>
    public const int N = 256;

    /// <summary>The number of polynomials of a vector.</summary>
    public const int K = 4;

    /// <summary>The number of bits of a compressed coefficient of u in a ciphertext.</summary>
    public const int Du = 11;

    /// <summary>The number of bits of a compressed coefficient of v in a ciphertext.</summary>
    public const int Dv = 5;

    /// <summary>The size in bytes of a polynomial with 12 bits for a coefficient.</summary>
    public const int PolynomialBytes = N * 12 / 8;

    /// <summary>The size in bytes of a vector with 12 bits for a coefficient.</summary>
    public const int VectorBytes = K * PolynomialBytes;

    /// <summary>The size in bytes of a compressed polynomial of u.</summary>
    public const int UBytes = N * Du / 8;

    /// <summary>The size in bytes of the compressed v.</summary>
    public const int VBytes = N * Dv / 8;

    /// <summary>The size in bytes of seeds, messages, hashes and shared secrets.</summary>
    public const int SymmetricBytes = 32;
}
