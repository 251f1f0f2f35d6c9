using System.Text.Json;

namespace Estream.Crypto.Tests.Support;

/// <summary>Decapsulation with the key of a seed, of whole, changed and made up ciphertexts, and of what has another length.</summary>
internal static class DecapsulationVectors
{
    /// <summary>Runs all of them.</summary>
    public static VectorCount Run() => VectorFile.ForEach("mlkem_1024_test", test =>
    {
        byte[] seed = test.Bytes("seed");
        if (seed.Length != MlKem1024.SeedBytes)
        {
            Assert.False(VectorFile.IsValid(test));
            Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => MlKem1024PrivateKey.ImportSeed(seed)).Fault);
            return;
        }

        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(seed);
        if (test.TryGetProperty("ek", out JsonElement publicKey))
        {
            Assert.Equal(Convert.FromHexString(publicKey.GetString()!), Keys.Export(key.PublicKey));
        }

        Check(test, key);
    });

    /// <summary>Decapsulates a case's ciphertext.</summary>
    public static void Check(JsonElement test, MlKem1024PrivateKey key)
    {
        byte[] ciphertext = test.Bytes("c");
        var secret = new byte[MlKem1024.SharedSecretBytes];
        if (!VectorFile.IsValid(test))
        {
            Assert.NotEqual(MlKem1024.CiphertextBytes, ciphertext.Length);
            Assert.Throws<ArgumentException>(() => key.Decapsulate(ciphertext, secret));
            return;
        }

        key.Decapsulate(ciphertext, secret);
        Assert.Equal(test.Bytes("K"), secret);
    }
}
