using System.Text;

namespace Estream.Crypto.Tests.Support;

/// <summary>Runs the Wycheproof cases of Ed25519: valid and invalid signatures, and every key in its three forms.</summary>
internal static class Ed25519Vectors
{
    /// <summary>Runs all cases.</summary>
    public static VectorCount Run() => VectorFile.ForEach("ed25519_test", (group, test) =>
    {
        byte[] encoded = group.GetProperty("publicKey").Bytes("pk"), info = group.Bytes("publicKeyDer");
        Ed25519PublicKey key = Ed25519PublicKey.Import(encoded);
        Assert.Equal(info, key.ExportSubjectPublicKeyInfo());
        Assert.Equal(encoded, Ed25519PublicKey.ImportSubjectPublicKeyInfo(info).PublicKey.ToArray());
        Assert.Equal(encoded,
            Ed25519PublicKey.ImportText(Encoding.ASCII.GetBytes(group.GetProperty("publicKeyPem").GetString()!)).PublicKey.ToArray());
        Assert.Equal(VectorFile.IsValid(test), key.Verify(test.Bytes("msg"), [], test.Bytes("sig")));
    });
}
