using Estream.Crypto.Tests.Support;
using Estream.Testing;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Kems;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace Estream.Crypto.Tests;

/// <summary>Compares ML-DSA-87 and ML-KEM-1024 with BouncyCastle, which shares no code with Estream. Each library reads the output of the
/// other.</summary>
public sealed class BouncyCastlePeerTests
{
    private const int Everyday = 12;
    private const int Full = 1_000;

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void A_seed_gives_the_same_signature_keys_in_both_libraries(DsaInput input)
    {
        using MlDsa87PrivateKey ours = MlDsa87PrivateKey.ImportSeed(input.Seed);
        MLDsaPrivateKeyParameters theirs = MLDsaPrivateKeyParameters.FromSeed(MLDsaParameters.ml_dsa_87, input.Seed);
        Assert.Equal(theirs.GetPublicKeyEncoded(), ours.PublicKey.PublicKey.ToArray());
        Assert.Equal(theirs.GetEncoded(), DsaKeys.Export(ours));
    }

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void Each_library_reads_the_key_files_of_the_other(DsaInput input)
    {
        using MlDsa87PrivateKey ours = MlDsa87PrivateKey.ImportSeed(input.Seed);
        using MlDsa87PrivateKey expanded = MlDsa87PrivateKey.Import(DsaKeys.Export(ours));
        foreach (MlDsa87PrivateKey key in new[] { ours, expanded })
        {
            var info = new byte[key.Pkcs8PrivateKeyBytes];
            key.ExportPkcs8PrivateKey(info);
            var theirs = (MLDsaPrivateKeyParameters)PrivateKeyFactory.CreateKey(info);
            Assert.Equal(DsaKeys.Export(ours), theirs.GetEncoded());
            foreach (MLDsaPrivateKeyParameters.Format format in Formats(key.HasSeed))
            {
                byte[] theirInfo = PrivateKeyInfoFactory.CreatePrivateKeyInfo(theirs.WithPreferredFormat(format)).GetEncoded();
                using MlDsa87PrivateKey again = MlDsa87PrivateKey.ImportPkcs8PrivateKey(theirInfo);
                Assert.Equal(DsaKeys.Export(ours), DsaKeys.Export(again));
            }
        }
    }

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void Deterministic_signatures_are_equal_in_both_libraries(DsaInput input) => AssertSameSignature(input);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 255)]
    [InlineData(1, 1)]
    [InlineData(136, 255)]
    [InlineData(10_000, 0)]
    [InlineData(10_000, 255)]
    public void Deterministic_signatures_are_equal_at_the_size_limits(int dataBytes, int contextBytes) =>
        AssertSameSignature(new DsaInput(dataBytes + contextBytes, dataBytes, contextBytes, Bit: 0));

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void Each_library_verifies_the_hedged_signatures_of_the_other(DsaInput input)
    {
        using MlDsa87PrivateKey ours = MlDsa87PrivateKey.ImportSeed(input.Seed);
        MLDsaPrivateKeyParameters theirs = MLDsaPrivateKeyParameters.FromSeed(MLDsaParameters.ml_dsa_87, input.Seed);
        byte[] ourSignature = DsaKeys.Sign(ours, input.Data, input.Context);
        byte[] theirSignature = Sign(theirs, input.Data, input.Context, isDeterministic: false);
        Assert.NotEqual(Sign(theirs, input.Data, input.Context, isDeterministic: true), theirSignature);
        Assert.True(Verify(theirs.GetPublicKey(), input.Data, input.Context, ourSignature));
        Assert.True(ours.PublicKey.Verify(input.Data, input.Context, theirSignature));
    }

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void Both_libraries_reject_a_changed_signature_message_or_context(DsaInput input)
    {
        using MlDsa87PrivateKey ours = MlDsa87PrivateKey.ImportSeed(input.Seed);
        byte[] encoded = ours.PublicKey.PublicKey.ToArray();
        MLDsaPublicKeyParameters theirs = MLDsaPublicKeyParameters.FromEncoding(MLDsaParameters.ml_dsa_87, encoded);
        byte[] signature = DsaKeys.Sign(ours, input.Data, input.Context);
        AssertBoth(true, input.Data, input.Context, signature);
        AssertBoth(false, input.Data, input.Context, Flip(signature, input.Bit));
        if (input.DataBytes > 0)
        {
            AssertBoth(false, Flip(input.Data, input.Bit % (8 * input.DataBytes)), input.Context, signature);
        }

        if (input.ContextBytes > 0)
        {
            AssertBoth(false, input.Data, Flip(input.Context, input.Bit % (8 * input.ContextBytes)), signature);
        }

        void AssertBoth(bool isValid, byte[] data, byte[] context, byte[] candidate)
        {
            Assert.Equal(isValid, ours.PublicKey.Verify(data, context, candidate));
            Assert.Equal(isValid, Verify(theirs, data, context, candidate));
        }
    }

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void A_seed_gives_the_same_encapsulation_keys_in_both_libraries(KemInput input)
    {
        using MlKem1024PrivateKey ours = MlKem1024PrivateKey.ImportSeed(input.Seed);
        MLKemPrivateKeyParameters theirs = MLKemPrivateKeyParameters.FromSeed(MLKemParameters.ml_kem_1024, input.Seed);
        Assert.Equal(theirs.GetPublicKeyEncoded(), Keys.Export(ours.PublicKey));
        Assert.Equal(theirs.GetEncoded(), Keys.Export(ours));
    }

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void Each_library_decapsulates_the_secret_of_the_other(KemInput input)
    {
        using MlKem1024PrivateKey ours = MlKem1024PrivateKey.ImportSeed(input.Seed);
        MLKemPrivateKeyParameters theirs = MLKemPrivateKeyParameters.FromSeed(MLKemParameters.ml_kem_1024, input.Seed);
        (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(ours.PublicKey);
        Assert.Equal(secret, Decapsulate(theirs, ciphertext));
        (byte[] theirCiphertext, byte[] theirSecret) = Encapsulate(theirs.GetPublicKey());
        Assert.Equal(theirSecret, Keys.Decapsulate(ours, theirCiphertext));
        Assert.NotEqual(secret, theirSecret);
    }

    [Property(Everyday, Full, Arbitrary = [typeof(PeerInputs)])]
    public void A_changed_ciphertext_gives_the_same_rejection_secret_in_both_libraries(KemInput input)
    {
        using MlKem1024PrivateKey ours = MlKem1024PrivateKey.ImportSeed(input.Seed);
        MLKemPrivateKeyParameters theirs = MLKemPrivateKeyParameters.FromSeed(MLKemParameters.ml_kem_1024, input.Seed);
        (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(ours.PublicKey);
        byte[] changed = Flip(ciphertext, input.Bit);
        byte[] rejection = Keys.Decapsulate(ours, changed);
        Assert.NotEqual(secret, rejection);
        Assert.Equal(rejection, Decapsulate(theirs, changed));
    }

    private static void AssertSameSignature(DsaInput input)
    {
        using MlDsa87PrivateKey ours = MlDsa87PrivateKey.ImportSeed(input.Seed);
        MLDsaPrivateKeyParameters theirs = MLDsaPrivateKeyParameters.FromSeed(MLDsaParameters.ml_dsa_87, input.Seed);
        var signature = new byte[MlDsa87.SignatureBytes];
        ours.SignDeterministic(input.Data, input.Context, signature);
        Assert.Equal(Sign(theirs, input.Data, input.Context, isDeterministic: true), signature);
    }

    // BouncyCastle writes no seed for a key that was read in its expanded form.
    private static MLDsaPrivateKeyParameters.Format[] Formats(bool hasSeed) => hasSeed
        ? Enum.GetValues<MLDsaPrivateKeyParameters.Format>()
        : [MLDsaPrivateKeyParameters.Format.EncodingOnly];

    private static byte[] Sign(MLDsaPrivateKeyParameters key, byte[] data, byte[] context, bool isDeterministic)
    {
        ICipherParameters parameters = isDeterministic ? key : new ParametersWithRandom(key, new SecureRandom());
        var signer = new MLDsaSigner(MLDsaParameters.ml_dsa_87, isDeterministic);
        signer.Init(forSigning: true, new ParametersWithContext(parameters, context));
        signer.BlockUpdate(data);
        return signer.GenerateSignature();
    }

    private static bool Verify(MLDsaPublicKeyParameters key, byte[] data, byte[] context, byte[] signature)
    {
        var verifier = new MLDsaSigner(MLDsaParameters.ml_dsa_87, deterministic: true);
        verifier.Init(forSigning: false, new ParametersWithContext(key, context));
        verifier.BlockUpdate(data);
        return verifier.VerifySignature(signature);
    }

    private static (byte[] Ciphertext, byte[] Secret) Encapsulate(MLKemPublicKeyParameters key)
    {
        var encapsulator = new MLKemEncapsulator(MLKemParameters.ml_kem_1024);
        encapsulator.Init(new ParametersWithRandom(key, new SecureRandom()));
        byte[] ciphertext = new byte[encapsulator.EncapsulationLength], secret = new byte[encapsulator.SecretLength];
        encapsulator.Encapsulate(ciphertext, secret);
        return (ciphertext, secret);
    }

    private static byte[] Decapsulate(MLKemPrivateKeyParameters key, byte[] ciphertext)
    {
        var decapsulator = new MLKemDecapsulator(MLKemParameters.ml_kem_1024);
        decapsulator.Init(key);
        var secret = new byte[decapsulator.SecretLength];
        decapsulator.Decapsulate(ciphertext, secret);
        return secret;
    }

    private static byte[] Flip(byte[] bytes, int bit)
    {
        byte[] changed = [.. bytes];
        changed[bit / 8] ^= (byte)(1 << (bit % 8));
        return changed;
    }
}
