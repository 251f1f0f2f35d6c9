using Estream.Crypto.Internal.OpenSsl;

namespace Estream.Crypto;

/// <summary>Sizes of Ed25519 (RFC 8032), in bytes. It is computed by the system's OpenSSL 3. A quantum computer could forge it: for those
/// who ask for nothing else.</summary>
public static class Ed25519
{
    /// <summary>What the standard calls it.</summary>
    public const string Name = "Ed25519";

    /// <summary>A public key.</summary>
    public const int PublicKeyBytes = 32;

    /// <summary>The seed that is the private key.</summary>
    public const int SeedBytes = 32;

    /// <summary>A private key in its ASN.1 structure (RFC 8410).</summary>
    public const int Pkcs8PrivateKeyBytes = 48;

    /// <summary>A signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Whether this process has a libcrypto that computes it. Where it has none, making and importing keys is a
    /// <see cref="PlatformNotSupportedException"/> that says why.</summary>
    public static bool IsSupported => EvpEd25519.Missing is null;
}
