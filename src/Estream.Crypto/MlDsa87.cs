namespace Estream.Crypto;

/// <summary>Sizes of ML-DSA-87 (FIPS 204), the signatures of the highest security category, in bytes.</summary>
public static class MlDsa87
{
    /// <summary>What the standard calls it.</summary>
    public const string Name = "ML-DSA-87";

    /// <summary>A public key.</summary>
    public const int PublicKeyBytes = 2592;

    /// <summary>A private key in its expanded form.</summary>
    public const int PrivateKeyBytes = 4896;

    /// <summary>The seed a private key follows from: the standard's ξ.</summary>
    public const int SeedBytes = 32;

    /// <summary>A signature.</summary>
    public const int SignatureBytes = 4627;

    /// <summary>The hash μ that stands for a message, its context and the public key.</summary>
    public const int MuBytes = 64;

    /// <summary>The longest context.</summary>
    public const int MaxContextBytes = 255;

    /// <summary>Reads a signer from a private key file.</summary>
    /// <param name="keyFile">The path of a file that <see cref="MlDsa87PrivateKey.Save"/> or OpenSSL 3.5 has made: PKCS#8 in PEM, not
    /// encrypted, for its owner alone.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">It cannot be read, or others than its owner may use it.</exception>
    public static MlDsa87PrivateKey Import(string keyFile) => MlDsa87PrivateKey.Load(keyFile);

    /// <summary>
    /// Makes a key, a signature and a verification of nothing, so that the runtime has compiled their code: the first real ones then take
    /// as long as the others. Costs some tens of milliseconds of the thread that calls it, once; call it at the start of a program, on a
    /// thread of its own where others have work. Thread-safe.
    /// </summary>
    public static void WarmUp()
    {
        byte[] signature = new byte[SignatureBytes];
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(new byte[SeedBytes]);
        key.Sign([], [], signature);
        key.PublicKey.Verify([], [], signature);
    }
}
