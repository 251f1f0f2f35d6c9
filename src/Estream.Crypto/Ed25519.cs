using Estream.Crypto.Internal.OpenSsl;

namespace Estream.Crypto;

/// <summary>Name and sizes, in bytes, of Ed25519 (RFC 8032). The system's OpenSSL 3 computes the signatures. A quantum computer could
/// forge Ed25519 signatures; use the algorithm only with peers that support no other.</summary>
public static class Ed25519
{
    /// <summary>The algorithm's name in the standard.</summary>
    public const string Name = "Ed25519";

    /// <summary>Size of a public key.</summary>
    public const int PublicKeyBytes = 32;

    /// <summary>Size of the seed, which is the private key.</summary>
    public const int SeedBytes = 32;

    /// <summary>Size of a private key in its ASN.1 structure (RFC 8410).</summary>
    public const int Pkcs8PrivateKeyBytes = 48;

    /// <summary>Size of a signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Whether this process can load a libcrypto that supports Ed25519. If not, generating and importing keys throws
    /// <see cref="PlatformNotSupportedException"/> with the reason.</summary>
    public static bool IsSupported => EvpEd25519.Missing is null;
}
