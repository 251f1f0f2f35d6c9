namespace Estream.Crypto.Tests.Support;

/// <summary>Encapsulation with a given message: ciphertext and secret byte for byte, and public keys that have to be refused.</summary>
internal static class EncapsulationVectors
{
    /// <summary>Runs all of them.</summary>
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
