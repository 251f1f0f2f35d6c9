using System.Text.Json;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto.Tests.Support;

/// <summary>Runs the ACVP cases of NIST: keys from seeds, signatures and verifications, with messages and with hashes of
/// messages.</summary>
internal static class DsaAcvpVectors
{
    /// <summary>Compares keys from seeds, both forms, byte for byte.</summary>
    public static int KeyGeneration(int set) => VectorFile.ForEachAcvp($"ML-DSA-{set}_keyGen", test =>
    {
        (SigningKey key, byte[] expanded) = DsaKeys.FromSeed(DsaKeys.Set(set), test.Bytes("seed"));
        Assert.Equal(test.Bytes("pk"), key.Verification.Encoded.ToArray());
        Assert.Equal(test.Bytes("sk"), expanded);
    });

    /// <summary>Compares hedged and deterministic signatures byte for byte.</summary>
    public static int Signing(int set) => VectorFile.ForEachAcvp($"ML-DSA-{set}_sigGen", test =>
    {
        SigningKey key = DsaKeys.FromExpanded(DsaKeys.Set(set), test.Bytes("sk"));
        byte[] random = test.GetProperty("deterministic").GetBoolean() ? new byte[32] : test.Bytes("rnd");
        byte[] mu = Mu(test, key.Verification);
        byte[] signature = test.Bytes("signature");
        Assert.Equal(signature, DsaKeys.Sign(key, mu, random));
        Assert.True(key.Verification.Verify(mu, signature));
    });

    /// <summary>Verifies valid and invalid signatures.</summary>
    public static int Verifying(int set) => VectorFile.ForEachAcvp($"ML-DSA-{set}_sigVer", test =>
    {
        VerificationKey key = VerificationKey.Expand(DsaKeys.Set(set), PolynomialArithmetic.Best, test.Bytes("pk"));
        Assert.Equal(test.GetProperty("testPassed").GetBoolean(), key.Verify(Mu(test, key), test.Bytes("signature")));
    });

    private static byte[] Mu(JsonElement test, VerificationKey key)
    {
        return test.GetProperty("interface").GetString() switch
        {
            "external" => DsaKeys.Mu(key, test.Bytes("message"), test.Bytes("context")),
            "externalMu" => test.Bytes("mu"),
            string other => throw new InvalidOperationException($"an interface '{other}'"),
            null => throw new InvalidOperationException("no interface"),
        };
    }
}
