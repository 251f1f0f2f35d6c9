using Estream.Crypto;
using Estream.Testing;

namespace Estream.Fuzz.Crypto;

/// <summary>
/// Imports keys that are damaged, truncated or invented. The result is a key that works as far as its bytes allow, or the error that names
/// the failed check; never another exception. A failure names its seed.
/// </summary>
public sealed class KeyFuzzTests
{
    private readonly byte[] _publicKey = new byte[MlKem1024.PublicKeyBytes];
    private readonly byte[] _privateKey = new byte[MlKem1024.PrivateKeyBytes];
    private readonly byte[] _ciphertext = new byte[MlKem1024.CiphertextBytes];
    private readonly byte[] _secret = new byte[MlKem1024.SharedSecretBytes];

    public KeyFuzzTests()
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(new byte[MlKem1024.SeedBytes]);
        key.PublicKey.Export(_publicKey);
        key.Export(_privateKey);
        key.PublicKey.Encapsulate(_ciphertext, _secret);
    }

    [Fact]
    public void A_damaged_public_key_is_rejected_or_exported_unchanged()
    {
        ForEachSeed(_publicKey, bytes =>
        {
            MlKem1024PublicKey key = MlKem1024PublicKey.Import(bytes);
            byte[] again = new byte[MlKem1024.PublicKeyBytes];
            key.Export(again);
            Assert.Equal(bytes, again);
            key.Encapsulate(_ciphertext, _secret);
        });
    }

    [Fact]
    public void A_damaged_private_key_is_rejected_or_exported_unchanged()
    {
        ForEachSeed(_privateKey, bytes =>
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.Import(bytes);
            byte[] again = new byte[MlKem1024.PrivateKeyBytes];
            key.Export(again);
            Assert.Equal(bytes, again);
            key.Decapsulate(_ciphertext, _secret);
        });
    }

    [Fact]
    public void A_damaged_key_structure_is_rejected_or_exported_unchanged()
    {
        byte[] info = new byte[MlKem1024.SubjectPublicKeyInfoBytes];
        byte[] seed = new byte[MlKem1024.Pkcs8SeedBytes];
        using (MlKem1024PrivateKey key = MlKem1024PrivateKey.Generate())
        {
            key.PublicKey.ExportSubjectPublicKeyInfo(info);
            key.ExportPkcs8(seed);
        }

        ForEachSeed(info, bytes =>
        {
            byte[] again = new byte[info.Length];
            MlKem1024PublicKey.ImportSubjectPublicKeyInfo(bytes).ExportSubjectPublicKeyInfo(again);
            Assert.Equal(bytes, again);
        }, KeyFault.Encoding);
        ForEachSeed(seed, bytes =>
        {
            byte[] again = new byte[seed.Length];
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportPkcs8(bytes);
            key.ExportPkcs8(again);
            Assert.Equal(bytes, again);
        }, KeyFault.Encoding);
    }

    private static void ForEachSeed(byte[] whole, Action<byte[]> import, KeyFault ofLength = KeyFault.Length)
    {
        int accepted = 0, refused = 0;
        for (int seed = 0; seed < LongRun.Count(3_000, 300_000); seed++)
        {
            byte[] bytes = Damage.Of(whole, new Random(seed));
            try
            {
                import(bytes);
                accepted++;
            }
            catch (EstreamInvalidKeyException error)
            {
                Assert.True(bytes.Length == whole.Length || error.Fault == ofLength, $"seed {seed}: {error.Fault}");
                Assert.True(bytes.Length != whole.Length || error.Fault != KeyFault.Length, $"seed {seed}: {error.Fault}");
                refused++;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }

        Assert.True(accepted > 0 && refused > 0, $"{accepted} accepted, {refused} refused: the damage does not produce both outcomes");
    }
}
