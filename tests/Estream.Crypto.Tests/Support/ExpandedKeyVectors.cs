namespace Estream.Crypto.Tests.Support;

/// <summary>Decapsulation with keys in expanded form, whole and damaged.</summary>
internal static class ExpandedKeyVectors
{
    /// <summary>Runs all of them.</summary>
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
