using System.Text.Json;
using Estream.Crypto.Internal.MlDsa;

namespace Estream.Crypto.Tests.Support;

/// <summary>Runs the Wycheproof cases. The cases of ML-DSA-87 use the public types, so that their errors are tested as well.</summary>
internal static class DsaWycheproofVectors
{
    /// <summary>Compares signatures with keys from seeds byte for byte.</summary>
    public static VectorCount SigningFromSeeds(int set) => VectorFile.ForEach($"mldsa_{set}_sign_seed_test", (group, test) =>
    {
        byte[] seed = group.Bytes("privateSeed");
        if (seed.Length != MlDsa87.SeedBytes)
        {
            Assert.False(VectorFile.IsValid(test));
            Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PrivateKey.ImportSeed(seed)).Fault);
            return;
        }

        if (set == 87)
        {
            using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(seed);
            Assert.Equal(group.Bytes("publicKey"), key.PublicKey.PublicKey.ToArray());
            Check(test, key);
            return;
        }

        SigningKey internalKey = DsaKeys.FromSeed(DsaKeys.Set(set), seed).Key;
        Assert.Equal(group.Bytes("publicKey"), internalKey.Verification.Encoded.ToArray());
        Check(test, internalKey);
    });

    /// <summary>Compares signatures with expanded keys of ML-DSA-87 byte for byte, and tests that invalid keys are rejected.</summary>
    public static VectorCount SigningFromExpandedKeys() => VectorFile.ForEach("mldsa_87_sign_noseed_test", (group, test) =>
    {
        byte[] expanded = group.Bytes("privateKey");
        string[] flags = [.. test.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()!)];
        KeyFault? fault = flags.Contains("IncorrectPrivateKeyLength") ? KeyFault.Length : flags.Contains("InvalidPrivateKey")
            ? KeyFault.Range
            : null;
        if (fault is not null)
        {
            Assert.False(VectorFile.IsValid(test));
            Assert.Equal(fault, Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PrivateKey.Import(expanded)).Fault);
            return;
        }

        using MlDsa87PrivateKey key = MlDsa87PrivateKey.Import(expanded);
        Assert.Equal(expanded, DsaKeys.Export(key));
        Check(test, key);
    });

    /// <summary>Verifies valid signatures and many invalid ones.</summary>
    public static VectorCount Verifying(int set) => VectorFile.ForEach($"mldsa_{set}_verify_test", (group, test) =>
    {
        ParameterSet parameters = DsaKeys.Set(set);
        byte[] encoded = group.Bytes("publicKey"), message = test.Bytes("msg"), context = test.BytesOrNone("ctx"),
        signature = test.Bytes("sig");
        if (encoded.Length != parameters.PublicKeyBytes)
        {
            Assert.False(VectorFile.IsValid(test));
            Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PublicKey.Import(encoded)).Fault);
            return;
        }

        if (set == 87)
        {
            Assert.Equal(VectorFile.IsValid(test), MlDsa87PublicKey.Import(encoded).Verify(message, context, signature));
            return;
        }

        VerificationKey key = VerificationKey.Expand(parameters, PolynomialArithmetic.Best, encoded);
        Assert.Equal(
            VectorFile.IsValid(test),
            context.Length <= MlDsa87.MaxContextBytes && key.Verify(DsaKeys.Mu(key, message, context), signature));
    });

    private static void Check(JsonElement test, MlDsa87PrivateKey key)
    {
        byte[] random = test.TryGetProperty("rnd", out _) ? test.Bytes("rnd") : new byte[32];
        var signature = new byte[MlDsa87.SignatureBytes];
        if (!test.TryGetProperty("msg", out _))
        {
            key.SignMu(test.Bytes("mu"), random, signature);
            Assert.Equal(test.Bytes("sig"), signature);
            Assert.True(key.PublicKey.VerifyMu(test.Bytes("mu"), signature));
            return;
        }

        byte[] message = test.Bytes("msg"), context = test.BytesOrNone("ctx");
        if (!VectorFile.IsValid(test))
        {
            Assert.Throws<ArgumentException>("context", () => key.Sign(message, context, random, signature));
            return;
        }

        var mu = new byte[MlDsa87.MuBytes];
        key.PublicKey.ComputeMu(message, context, mu);
        Assert.Equal(test.Bytes("mu"), mu);
        key.Sign(message, context, random, signature);
        Assert.Equal(test.Bytes("sig"), signature);
        Assert.True(key.PublicKey.Verify(message, context, signature));
    }

    private static void Check(JsonElement test, SigningKey key)
    {
        byte[] random = test.TryGetProperty("rnd", out _) ? test.Bytes("rnd") : new byte[32];
        byte[] context = test.BytesOrNone("ctx");
        if (!VectorFile.IsValid(test))
        {
            Assert.True(context.Length > MlDsa87.MaxContextBytes);
            return;
        }

        if (test.TryGetProperty("msg", out _))
        {
            Assert.Equal(test.Bytes("mu"), DsaKeys.Mu(key.Verification, test.Bytes("msg"), context));
        }

        Assert.Equal(test.Bytes("sig"), DsaKeys.Sign(key, test.Bytes("mu"), random));
    }
}
