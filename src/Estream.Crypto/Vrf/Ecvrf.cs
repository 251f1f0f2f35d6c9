namespace Estream.Crypto;

/// <summary>
/// Name and sizes, in bytes, of the verifiable random function ECVRF-EDWARDS25519-SHA512 (RFC 9381). Its private key computes an
/// unpredictable output for an input; its public key verifies that the output is the only possible one.
/// </summary>
/// <remarks><see cref="EcvrfSuite"/> selects the cipher suite; the sizes are the same for both. A quantum computer could
/// compute the outputs of other keys. Do not use a key for Ed25519 signatures as well.</remarks>
public static class Ecvrf
{
    /// <summary>The name of <see cref="EcvrfSuite.TryAndIncrement"/>, the default cipher suite, in the standard.</summary>
    public const string Name = "ECVRF-EDWARDS25519-SHA512-TAI";

    /// <summary>Size of a public key.</summary>
    public const int PublicKeyBytes = 32;

    /// <summary>Size of the seed, which is the private key.</summary>
    public const int SeedBytes = 32;

    /// <summary>Size of a proof.</summary>
    public const int ProofBytes = 80;

    /// <summary>Size of the output.</summary>
    public const int OutputBytes = 64;

    /// <summary>Returns the name of a suite in the standard.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The suite is unknown.</exception>
    internal static string NameOf(EcvrfSuite suite) => suite switch
    {
        EcvrfSuite.TryAndIncrement => Name,
        EcvrfSuite.Elligator2 => "ECVRF-EDWARDS25519-SHA512-ELL2",
        _ => throw new ArgumentOutOfRangeException(nameof(suite), suite, "The suite is unknown. Use a member of EcvrfSuite."),
    };
}
