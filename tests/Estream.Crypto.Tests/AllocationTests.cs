using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>Tests that encapsulating, decapsulating, signing and verifying allocate nothing.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Encapsulating_and_decapsulating_allocate_nothing()
    {
        using MlKem1024PrivateKey key = Keys.Numbered(1);
        byte[] ciphertext = new byte[MlKem1024.CiphertextBytes], secret = new byte[MlKem1024.SharedSecretBytes];
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            key.PublicKey.Encapsulate(ciphertext, secret);
            key.Decapsulate(ciphertext, secret);
        }));
    }

    [Fact]
    public void Signing_and_verifying_allocate_nothing()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        byte[] data = new byte[64], context = new byte[16], signature = new byte[MlDsa87.SignatureBytes];
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            key.Sign(data, context, signature);
            Assert.True(key.PublicKey.Verify(data, context, signature));
        }));
    }
}
