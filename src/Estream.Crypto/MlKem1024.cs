using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>Name and sizes, in bytes, of ML-KEM-1024 (FIPS 203).</summary>
public static class MlKem1024
{
    /// <summary>The algorithm's name in the standard.</summary>
    public const string Name = "ML-KEM-1024";

    /// <summary>Size of a public key: the standard's encapsulation key.</summary>
    public const int PublicKeyBytes = 1568;

    /// <summary>Size of a private key in its expanded form: the standard's decapsulation key.</summary>
    public const int PrivateKeyBytes = 3168;

    /// <summary>Size of the seed from which a private key is derived: the standard's d and z.</summary>
    public const int SeedBytes = 64;

    /// <summary>Size of a public key as a SubjectPublicKeyInfo of X.509 (RFC 9935), the content of its PEM file.</summary>
    public const int SubjectPublicKeyInfoBytes = KeyStructures.PublicBytes;

    /// <summary>Size of a private key's seed as a PrivateKeyInfo of PKCS#8 (RFC 9935), the content of its PEM file.</summary>
    public const int Pkcs8SeedBytes = KeyStructures.SeedBytes;

    /// <summary>Size of a ciphertext, which is sent to the owner of the private key.</summary>
    public const int CiphertextBytes = 1568;

    /// <summary>Size of the shared secret.</summary>
    public const int SharedSecretBytes = 32;
}
