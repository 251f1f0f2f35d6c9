using System.Text.Json;

namespace Estream.Crypto.Tests.Support;

/// <summary>Encapsulation with a given message: compares ciphertext and secret byte for byte, and rejects invalid public keys.</summary>
internal static class EncapsulationVectors
{
    /// <summary>Runs all cases.</summary>
    public static VectorCount Run() => VectorFile.ForEach("mlkem_1024_encaps_test", test =>
    {
        byte[] encoded = test.Bytes("ek");
        if (!VectorFile.IsValid(test))
        {
            EstreamInvalidKeyException error = Assert.Throws<EstreamInvalidKeyException>(() => MlKem1024PublicKey.Import(encoded));
            Assert.Equal(encoded.Length == MlKem1024.PublicKeyBytes ? KeyFault.Modulus : KeyFault.Length, error.Fault);
            return;
        }

        var ciphertext = new byte[MlKem1024.CiphertextBytes];
        var secret = new byte[MlKem1024.SharedSecretBytes];
        MlKem1024PublicKey.Import(encoded).Encapsulate(test.Bytes("m"), ciphertext, secret);
        Assert.Equal(test.Bytes("c"), ciphertext);
        Assert.Equal(test.Bytes("K"), secret);
    });
}

/// <summary>Decapsulation with keys from seeds: valid, changed and made-up ciphertexts, and ciphertexts of the wrong length.</summary>
internal static class DecapsulationVectors
{
    /// <summary>Runs all cases.</summary>
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

/// <summary>Decapsulation with intact and damaged keys in expanded form.</summary>
internal static class ExpandedKeyVectors
{
    /// <summary>Runs all cases.</summary>
    public static VectorCount Run() => VectorFile.ForEach("mlkem_1024_semi_expanded_decaps_test", test =>
    {
        byte[] expanded = test.Bytes("dk");
        string[] flags = [.. test.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()!)];
        KeyFault? fault = flags.Contains("IncorrectDecapsulationKeyLength") ? KeyFault.Length : flags.Contains("InvalidDecapsulationKey")
            ? KeyFault.Hash
            : null;
        if (fault is not null)
        {
            Assert.False(VectorFile.IsValid(test));
            Assert.Equal(fault, Assert.Throws<EstreamInvalidKeyException>(() => MlKem1024PrivateKey.Import(expanded)).Fault);
            return;
        }

        using MlKem1024PrivateKey key = MlKem1024PrivateKey.Import(expanded);
        Assert.Equal(test.Bytes("ek"), Keys.Export(key.PublicKey));
        DecapsulationVectors.Check(test, key);
    });
}

/// <summary>Compares keys from seeds, both forms, byte for byte.</summary>
internal static class KeyGenerationVectors
{
    /// <summary>Runs all cases.</summary>
    public static VectorCount Run() => VectorFile.ForEach("mlkem_1024_keygen_seed_test", test =>
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(test.Bytes("seed"));
        Assert.Equal(test.Bytes("ek"), Keys.Export(key.PublicKey));
        Assert.Equal(test.Bytes("dk"), Keys.Export(key));
    });
}
