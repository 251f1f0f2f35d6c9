namespace Estream.Crypto.Tests.Support;

/// <summary>Keys from seeds: both forms byte for byte.</summary>
internal static class KeyGenerationVectors
{
    /// <summary>Runs all of them.</summary>
    public static VectorCount Run() => VectorFile.ForEach("mlkem_1024_keygen_seed_test", test =>
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(test.Bytes("seed"));
        Assert.Equal(test.Bytes("ek"), Keys.Export(key.PublicKey));
        Assert.Equal(test.Bytes("dk"), Keys.Export(key));
    });
}
