namespace Estream.Crypto.Internal.MlDsa;

/// <summary>The constants of a parameter set (FIPS 204, tables 1 and 2).</summary>
internal sealed class ParameterSet
{
    /// <summary>The size in bytes of seeds, of K and of the random input of a hedged signature: 32.</summary>
    public const int SeedBytes = 32;

    /// <summary>The size in bytes of the public key's hash, of μ and of the seed of masks: 64.</summary>
    public const int HashBytes = 64;

    private const int MaxPublicCoefficientBits = 10;

    /// <summary>ML-DSA-44.</summary>
    public static ParameterSet MlDsa44 { get; } = new("ML-DSA-44", 0x11)
    {
        K = 4, L = 4, Eta = 2, Tau = 39, Gamma1Bits = 17, Gamma2 = (Field.Q - 1) / 88, Omega = 80, ChallengeBytes = 32,
    };

    /// <summary>ML-DSA-65.</summary>
    public static ParameterSet MlDsa65 { get; } = new("ML-DSA-65", 0x12)
    {
        K = 6, L = 5, Eta = 4, Tau = 49, Gamma1Bits = 19, Gamma2 = (Field.Q - 1) / 32, Omega = 55, ChallengeBytes = 48,
    };

    /// <summary>ML-DSA-87.</summary>
    public static ParameterSet MlDsa87 { get; } = new("ML-DSA-87", 0x13)
    {
        K = 8, L = 7, Eta = 2, Tau = 60, Gamma1Bits = 19, Gamma2 = (Field.Q - 1) / 32, Omega = 75, ChallengeBytes = 64,
    };

    private ParameterSet(string name, byte objectIdentifierEnd)
    {
        Name = name;
        ObjectIdentifierEnd = objectIdentifierEnd;
    }

    /// <summary>The name in the standard.</summary>
    public string Name { get; }

    /// <summary>The last number of the object identifier, after 2.16.840.1.101.3.4.3.</summary>
    public byte ObjectIdentifierEnd { get; }

    /// <summary>The number of rows of the matrix.</summary>
    public required int K { get; init; }

    /// <summary>The number of columns of the matrix.</summary>
    public required int L { get; init; }

    /// <summary>The largest absolute value of a secret coefficient.</summary>
    public required int Eta { get; init; }

    /// <summary>The number of nonzero coefficients of a challenge.</summary>
    public required int Tau { get; init; }

    /// <summary>The binary logarithm of γ1, the largest coefficient of a mask.</summary>
    public required int Gamma1Bits { get; init; }

    /// <summary>Half of the step to which coefficients of w are rounded.</summary>
    public required int Gamma2 { get; init; }

    /// <summary>The maximum number of hints in a signature.</summary>
    public required int Omega { get; init; }

    /// <summary>The size in bytes of the commitment hash, the first part of a signature.</summary>
    public required int ChallengeBytes { get; init; }

    /// <summary>The largest coefficient of the product of a challenge and a secret.</summary>
    public int Beta => Tau * Eta;

    /// <summary>The largest coefficient of a mask.</summary>
    public int Gamma1 => 1 << Gamma1Bits;

    /// <summary>The number of bits of a coefficient of the response z.</summary>
    public int ResponseBits => Gamma1Bits + 1;

    /// <summary>The number of bits of a secret coefficient.</summary>
    public int SecretBits => Eta == 2 ? 3 : 4;

    /// <summary>The number of bits of a rounded coefficient of w.</summary>
    public int HighBits => Gamma2 == (Field.Q - 1) / 88 ? 6 : 4;

    /// <summary>The size in bytes of a polynomial of the response.</summary>
    public int ResponseBytes => Field.N * ResponseBits / 8;

    /// <summary>The size in bytes of a secret polynomial.</summary>
    public int SecretBytes => Field.N * SecretBits / 8;

    /// <summary>The size in bytes of a rounded polynomial of w.</summary>
    public int HighBytes => Field.N * HighBits / 8;

    /// <summary>The size in bytes of the lower bits of a polynomial of t.</summary>
    public static int LowPublicBytes => Field.N * Field.D / 8;

    /// <summary>The size in bytes of the upper bits of a polynomial of t.</summary>
    public static int HighPublicBytes => Field.N * MaxPublicCoefficientBits / 8;

    /// <summary>The number of upper bits of a coefficient of t.</summary>
    public static int HighPublicBits => MaxPublicCoefficientBits;

    /// <summary>The size in bytes of an encoded public key.</summary>
    public int PublicKeyBytes => SeedBytes + (K * HighPublicBytes);

    /// <summary>The size in bytes of an encoded private key.</summary>
    public int PrivateKeyBytes => (2 * SeedBytes) + HashBytes + ((K + L) * SecretBytes) + (K * LowPublicBytes);

    /// <summary>The size in bytes of a signature.</summary>
    public int SignatureBytes => ChallengeBytes + (L * ResponseBytes) + Omega + K;
}
