using System.Security.Cryptography;
using System.Text;
using Estream.Crypto;
using Estream.Testing;

namespace Estream.Fuzz.Crypto;

/// <summary>
/// Verifies and imports signatures, messages, contexts and keys that are damaged, truncated or invented. Verification returns false and
/// never throws; a private key is intact or rejected with the check it fails. A failure names its seed.
/// </summary>
public sealed class SignatureFuzzTests
{
    private readonly MlDsa87PrivateKey _key = MlDsa87PrivateKey.ImportSeed(new byte[MlDsa87.SeedBytes]);
    private readonly byte[] _signature = new byte[MlDsa87.SignatureBytes];
    private readonly byte[] _data = [1, 2, 3];

    public SignatureFuzzTests() => _key.SignDeterministic(_data, _data, _signature);

    [Fact]
    public void A_damaged_signature_does_not_verify()
    {
        ForEachSeed(random =>
        {
            byte[] damaged = Damage.Of(_signature, random);
            bool isWhole = damaged.AsSpan().SequenceEqual(_signature);
            Assert.Equal(isWhole, _key.PublicKey.Verify(_data, _data, damaged));
            Assert.Equal(isWhole, _key.PublicKey.VerifyMu(Mu(), damaged));
        });
    }

    [Fact]
    public void A_signature_with_invented_hints_does_not_verify()
    {
        ForEachSeed(random =>
        {
            byte[] damaged = [.. _signature];
            foreach (ref byte at in damaged.AsSpan(damaged.Length - 83))
            {
                at = (byte)random.Next(random.Next(1, 257));
            }

            Assert.False(_key.PublicKey.Verify(_data, _data, damaged));
        });
    }

    [Fact]
    public void A_signature_does_not_verify_with_a_damaged_key_message_or_context()
    {
        byte[] encoded = _key.PublicKey.PublicKey.ToArray();
        ForEachSeed(random =>
        {
            byte[] data = Damage.Of(_data, random), context = Damage.Of(_data, random), mu = Damage.Of(Mu(), random);
            Assert.Equal(data.AsSpan().SequenceEqual(_data) && context.AsSpan().SequenceEqual(_data),
                _key.PublicKey.Verify(data, context, _signature));
            Assert.Equal(mu.AsSpan().SequenceEqual(Mu()), _key.PublicKey.VerifyMu(mu, _signature));
            byte[] other = Damage.Of(encoded, random);
            try
            {
                Assert.Equal(other.AsSpan().SequenceEqual(encoded), MlDsa87PublicKey.Import(other).Verify(_data, _data, _signature));
            }
            catch (EstreamInvalidKeyException error)
            {
                Assert.Equal(KeyFault.Length, error.Fault);
                Assert.NotEqual(encoded.Length, other.Length);
            }
        });
    }

    [Fact]
    public void A_damaged_private_signing_key_is_rejected_or_exported_unchanged()
    {
        byte[] whole = new byte[MlDsa87.PrivateKeyBytes];
        _key.Export(whole);
        ForEachSeed(random =>
        {
            byte[] damaged = Damage.Of(whole, random);
            try
            {
                using MlDsa87PrivateKey key = MlDsa87PrivateKey.Import(damaged);
                byte[] again = new byte[MlDsa87.PrivateKeyBytes], signature = new byte[MlDsa87.SignatureBytes];
                key.Export(again);
                Assert.Equal(damaged, again);
                key.Sign(_data, _data, signature);
                Assert.True(key.PublicKey.Verify(_data, _data, signature));
            }
            catch (EstreamInvalidKeyException error)
            {
                Assert.Equal(damaged.Length != whole.Length, error.Fault == KeyFault.Length);
            }
        });
    }

    [Fact]
    public void Damaged_key_structures_and_texts_are_rejected_or_are_keys()
    {
        byte[] info = new byte[_key.Pkcs8PrivateKeyBytes], publicInfo = _key.PublicKey.ExportSubjectPublicKeyInfo();
        _key.ExportPkcs8PrivateKey(info);
        byte[] pem = PemEncoding.WriteUtf8("PRIVATE KEY"u8, info),
        publicPem = Encoding.ASCII.GetBytes(_key.PublicKey.ExportSubjectPublicKeyInfoPem());
        byte[] text = Encoding.ASCII.GetBytes($"algorithm: ML-DSA-87\n{Convert.ToBase64String(_key.PublicKey.PublicKey.Span)}\n");
        ForEachSeed(random =>
        {
            Import(() => MlDsa87PrivateKey.ImportPkcs8PrivateKey(Damage.Of(info, random)));
            Import(() => MlDsa87PrivateKey.ImportPem(Damage.Of(pem, random)));
            Import(() => MlDsa87PublicKey.ImportSubjectPublicKeyInfo(Damage.Of(publicInfo, random)));
            Import(() => MlDsa87PublicKey.ImportText(Damage.Of(random.Next(2) == 0 ? publicPem : text, random)));
        });
    }

    [Fact]
    public void Damaged_Ed25519_input_does_not_verify_and_does_not_throw()
    {
        using Ed25519PrivateKey key = Ed25519PrivateKey.ImportSeed(new byte[Ed25519.SeedBytes]);
        byte[] signature = new byte[Ed25519.SignatureBytes], encoded = key.PublicKey.PublicKey.ToArray(),
        info = new byte[Ed25519.Pkcs8PrivateKeyBytes];
        key.Sign(_data, [], signature);
        key.ExportPkcs8PrivateKey(info);
        byte[] publicInfo = key.PublicKey.ExportSubjectPublicKeyInfo(), pem = PemEncoding.WriteUtf8("PRIVATE KEY"u8, info);
        byte[] publicPem = Encoding.ASCII.GetBytes(key.PublicKey.ExportSubjectPublicKeyInfoPem());
        byte[] text = Encoding.ASCII.GetBytes($"algorithm: Ed25519\n{Convert.ToBase64String(encoded)}\n");
        ForEachSeed(random =>
        {
            byte[] damaged = Damage.Of(signature, random), data = Damage.Of(_data, random), other = Damage.Of(encoded, random);
            Assert.Equal(damaged.AsSpan().SequenceEqual(signature), key.PublicKey.Verify(_data, [], damaged));
            Assert.Equal(data.AsSpan().SequenceEqual(_data), key.PublicKey.Verify(data, [], signature));
            Import(() =>
            {
                Ed25519PublicKey imported = Ed25519PublicKey.Import(other);
                Assert.Equal(other.AsSpan().SequenceEqual(encoded), imported.Verify(_data, [], signature));
                return imported;
            });
            Import(() => Ed25519PrivateKey.ImportPkcs8PrivateKey(Damage.Of(info, random)));
            Import(() => Ed25519PrivateKey.ImportPem(Damage.Of(pem, random)));
            Import(() => Ed25519PublicKey.ImportSubjectPublicKeyInfo(Damage.Of(publicInfo, random)));
            Import(() => Ed25519PublicKey.ImportText(Damage.Of(random.Next(2) == 0 ? publicPem : text, random)));
        });
    }

    private static void Import(Func<object> import)
    {
        try
        {
            (import() as IDisposable)?.Dispose();
        }
        catch (EstreamInvalidKeyException)
        {
            // Rejected with its reason, which is one of the two expected results.
        }
    }

    private byte[] Mu()
    {
        byte[] mu = new byte[MlDsa87.MuBytes];
        _key.PublicKey.ComputeMu(_data, _data, mu);
        return mu;
    }

    private static void ForEachSeed(Action<Random> check)
    {
        for (int seed = 0; seed < LongRun.Count(1_000, 200_000); seed++)
        {
            try
            {
                check(new Random(seed));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }
    }
}
