using System.Security.Cryptography;
using Estream.Crypto.Tests.Support;
using Estream.Testing;

namespace Estream.Crypto.Tests;

/// <summary>
/// Tests .NET's ML-DSA-87, as a signer and as a reference for Estream's implementation. The platform determines which of the two rows runs:
/// the algorithm is supported, or it is not. The row's name is in the test result, and both rows make assertions.
/// </summary>
public sealed class PlatformSignatureTests
{
    private const string Agrees = "agrees in both directions";
    private const string Refuses = "is not supported and its keys throw";

    private static readonly int s_cases = LongRun.Count(30, 1_000);

    public static TheoryData<string> Platform => [MLDsa.IsSupported ? Agrees : Refuses];

    [Theory]
    [MemberData(nameof(Platform))]
    public void The_ML_DSA_of_the_platform_agrees_with_Estream_or_is_refused_where_unsupported(string what)
    {
        Assert.Equal(MLDsa.IsSupported, PlatformMlDsa87Signer.IsSupported);
        Assert.Equal(what == Agrees, MLDsa.IsSupported);
        if (what == Refuses)
        {
            AssertRefused();
            return;
        }

        for (int number = 0; number < s_cases; number++)
        {
            Compare(number);
        }

        AssertVectors();
        AssertErrors();
    }

    private static void AssertRefused()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        Func<object>[] ways =
        [
            () => PlatformMlDsa87Signer.ImportSeed(new byte[MlDsa87.SeedBytes]),
            () => PlatformMlDsa87Signer.Of(key),
            () => PlatformMlDsa87Verifier.Import(new byte[MlDsa87.PublicKeyBytes]),
        ];
        Assert.All(ways, way =>
        {
            string message = Assert.Throws<PlatformNotSupportedException>(way).Message;
            Assert.Contains("ML-DSA-87", message, StringComparison.Ordinal);
            Assert.Contains("OpenSSL 3.5", message, StringComparison.Ordinal);
            Assert.Contains(nameof(MlDsa87PrivateKey), message, StringComparison.Ordinal);
        });
        Assert.Equal(KeyFault.Length,
            Assert.Throws<EstreamInvalidKeyException>(() => PlatformMlDsa87Signer.ImportSeed(new byte[31])).Fault);
    }

    private static void Compare(int number)
    {
        using MlDsa87PrivateKey ours = DsaKeys.Numbered(number);
        byte[] seed = DsaKeys.Bytes(number, MlDsa87.SeedBytes), data = DsaKeys.Bytes(number, number),
        context = DsaKeys.Bytes(-number, number % 256);
        using MLDsa platform = MLDsa.ImportMLDsaPrivateSeed(MLDsaAlgorithm.MLDsa87, seed);
        Assert.Equal(platform.ExportMLDsaPublicKey(), ours.PublicKey.PublicKey.ToArray());
        Assert.Equal(platform.ExportMLDsaPrivateKey(), DsaKeys.Export(ours));
        using MlDsa87PrivateKey expanded = MlDsa87PrivateKey.Import(DsaKeys.Export(ours));
        foreach (PlatformMlDsa87Signer theirs in new[] { PlatformMlDsa87Signer.ImportSeed(seed), PlatformMlDsa87Signer.Of(ours),
            PlatformMlDsa87Signer.Of(expanded) })
        {
            using (theirs)
            {
                byte[] signature = DsaKeys.Sign(ours, data, context), theirSignature = new byte[MlDsa87.SignatureBytes];
                theirs.Sign(data, context, theirSignature);
                Assert.True(ours.PublicKey.Verify(data, context, theirSignature));
                Assert.Equal(ours.PublicKey.PublicKey.ToArray(), theirs.Verifier.PublicKey.ToArray());
                Assert.True(theirs.Verifier.Verify(data, context, signature));
                Assert.True(theirs.Verifier.Verify(data, context, theirSignature));
                Assert.False(theirs.Verifier.Verify([.. data, 0], context, signature));
                Assert.False(theirs.Verifier.Verify(data, [.. context.AsSpan(0, Math.Min(context.Length, 254)), 1, 1], signature));
                signature[number] ^= 1;
                Assert.False(theirs.Verifier.Verify(data, context, signature));
            }
        }
    }

    private static void AssertVectors() =>
        Assert.Equal(new VectorCount(71, 170), VectorFile.ForEach("mldsa_87_verify_test", (group, test) =>
    {
        byte[] encoded = group.Bytes("publicKey");
        bool isValid = encoded.Length == MlDsa87.PublicKeyBytes
            && PlatformMlDsa87Verifier.Import(encoded).Verify(test.Bytes("msg"), test.BytesOrNone("ctx"), test.Bytes("sig"));
        Assert.Equal(VectorFile.IsValid(test), isValid);
    }));

    private static void AssertErrors()
    {
        PlatformMlDsa87Signer signer = PlatformMlDsa87Signer.ImportSeed(new byte[MlDsa87.SeedBytes]);
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        Assert.Throws<ArgumentException>("context", () => signer.Sign([], new byte[256], signature));
        Assert.Throws<ArgumentException>("signature", () => signer.Sign([], [], new byte[signature.Length - 1]));
        signer.Sign([1], [], signature);
        signer.Dispose();
        signer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => signer.Sign([1], [], signature));
        Assert.True(signer.Verifier.Verify([1], [], signature));
        Assert.False(signer.Verifier.Verify([1], new byte[256], signature));
        Assert.False(signer.Verifier.Verify([1], [], []));
    }
}
