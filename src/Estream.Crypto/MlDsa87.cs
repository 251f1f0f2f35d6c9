using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>Name and sizes, in bytes, of ML-DSA-87 (FIPS 204), the signature scheme of the highest security category.</summary>
public static class MlDsa87
{
    /// <summary>The algorithm's name in the standard.</summary>
    public const string Name = "ML-DSA-87";

    /// <summary>Size of a public key.</summary>
    public const int PublicKeyBytes = 2592;

    /// <summary>Size of a private key in its expanded form.</summary>
    public const int PrivateKeyBytes = 4896;

    /// <summary>Size of the seed from which a private key is derived: the standard's ξ.</summary>
    public const int SeedBytes = 32;

    /// <summary>Size of a signature.</summary>
    public const int SignatureBytes = 4627;

    /// <summary>Size of the message representative μ: the hash of the public key, the context and the message.</summary>
    public const int MuBytes = 64;

    /// <summary>The maximum length of a context.</summary>
    public const int MaxContextBytes = 255;

    /// <summary>Reads a signer from a private key file.</summary>
    /// <param name="keyFile">The path of a file written by <see cref="MlDsa87PrivateKey.Save"/> or OpenSSL 3.5: unencrypted PKCS#8 in PEM,
    /// to which only its owner has access.</param>
    /// <exception cref="EstreamInvalidKeyException">The file does not contain an ML-DSA-87 private key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">The file cannot be read, or users other than its owner have
    /// access.</exception>
    public static MlDsa87PrivateKey Import(string keyFile) => MlDsa87PrivateKey.Load(keyFile);

    /// <summary>
    /// Creates, signs and verifies once with an empty message so that the runtime compiles this code. The first real calls then take as
    /// long as later ones. Occupies the calling thread for some tens of milliseconds, once. Call it at program start, on a separate thread
    /// if other threads have work. Thread-safe.
    /// </summary>
    public static void WarmUp()
    {
        VectorCode.Begin().GetAwaiter().GetResult();
        byte[] signature = new byte[SignatureBytes];
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(new byte[SeedBytes]);
        key.Sign([], [], signature);
        key.PublicKey.Verify([], [], signature);
    }
}
