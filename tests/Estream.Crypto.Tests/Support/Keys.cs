using FsCheck;
using FsCheck.Fluent;

namespace Estream.Crypto.Tests.Support;

/// <summary>Creates keys from seeds, so that a failure can print the seed, and returns the bytes of keys.</summary>
internal static class Keys
{
    /// <summary>Seeds of private keys.</summary>
    public static Gen<byte[]> Seed { get; } = BytesOf(MlKem1024.SeedBytes);

    /// <summary>Generates random bytes of a length.</summary>
    public static Gen<byte[]> BytesOf(int length) => Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length);

    /// <summary>Returns a key determined by a number.</summary>
    public static MlKem1024PrivateKey Numbered(int number)
    {
        var seed = new byte[MlKem1024.SeedBytes];
        new Random(number).NextBytes(seed);
        return MlKem1024PrivateKey.ImportSeed(seed);
    }

    /// <summary>Returns the encoded key.</summary>
    public static byte[] Export(MlKem1024PublicKey key)
    {
        var encoded = new byte[MlKem1024.PublicKeyBytes];
        key.Export(encoded);
        return encoded;
    }

    /// <summary>Returns the expanded key.</summary>
    public static byte[] Export(MlKem1024PrivateKey key)
    {
        var expanded = new byte[MlKem1024.PrivateKeyBytes];
        key.Export(expanded);
        return expanded;
    }

    /// <summary>Encapsulates a secret with the public key.</summary>
    public static (byte[] Ciphertext, byte[] Secret) Encapsulate(MlKem1024PublicKey key)
    {
        var ciphertext = new byte[MlKem1024.CiphertextBytes];
        var secret = new byte[MlKem1024.SharedSecretBytes];
        key.Encapsulate(ciphertext, secret);
        return (ciphertext, secret);
    }

    /// <summary>Decapsulates the secret with the private key.</summary>
    public static byte[] Decapsulate(MlKem1024PrivateKey key, byte[] ciphertext)
    {
        var secret = new byte[MlKem1024.SharedSecretBytes];
        key.Decapsulate(ciphertext, secret);
        return secret;
    }
}
