using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>The sizes of ML-KEM-1024 (FIPS 203), in bytes.</summary>
public static class MlKem1024
{
    /// <summary>What the standard calls it.</summary>
    public const string Name = "ML-KEM-1024";

    /// <summary>A public key: the standard's encapsulation key.</summary>
    public const int PublicKeyBytes = 1568;

    /// <summary>A private key in its expanded form: the standard's decapsulation key.</summary>
    public const int PrivateKeyBytes = 3168;

    /// <summary>The seed a private key follows from: the standard's d and z.</summary>
    public const int SeedBytes = 64;

    /// <summary>A public key as a SubjectPublicKeyInfo of X.509 (RFC 9935), which is what a PEM file of it holds.</summary>
    public const int SubjectPublicKeyInfoBytes = KeyStructures.PublicBytes;

    /// <summary>The seed of a private key as a PrivateKeyInfo of PKCS#8 (RFC 9935), which is what a PEM file of it holds.</summary>
    public const int Pkcs8SeedBytes = KeyStructures.SeedBytes;

    /// <summary>What is sent to the owner of the private key.</summary>
    public const int CiphertextBytes = 1568;

    /// <summary>The secret both have afterwards.</summary>
    public const int SharedSecretBytes = 32;
}
