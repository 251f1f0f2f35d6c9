using System.Reflection;
using Estream.Crypto.Tests.Support;

namespace Estream.Crypto.Tests;

/// <summary>Tests the errors of invalid signature keys and buffers, and the state of a disposed key.</summary>
public sealed class DsaErrorTests
{
    private const int SecretsAt = 128;
    private const int LowAt = SecretsAt + (15 * 96);

    [Theory]
    [InlineData(0)]
    [InlineData(MlDsa87.PublicKeyBytes - 1)]
    [InlineData(MlDsa87.PublicKeyBytes + 1)]
    [InlineData(1952)]
    public void Import_of_a_public_key_of_the_wrong_length_throws_with_both_lengths(int length)
    {
        EstreamInvalidKeyException error = Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PublicKey.Import(new byte[length]));
        Assert.Equal(KeyFault.Length, error.Fault);
        Assert.Contains("ML-DSA-87 public key has 2592", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{length} were given", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_of_a_seed_or_private_key_of_the_wrong_length_throws()
    {
        Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PrivateKey.ImportSeed(new byte[64])).Fault);
        Assert.Equal(KeyFault.Length, Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PrivateKey.Import(new byte[32])).Fault);
    }

    [Theory]
    [InlineData(0, KeyFault.Hash)]
    [InlineData(64, KeyFault.Hash)]
    [InlineData(SecretsAt, KeyFault.Range)]
    [InlineData(LowAt - 1, KeyFault.Range)]
    [InlineData(LowAt, KeyFault.Hash)]
    [InlineData(MlDsa87.PrivateKeyBytes - 1, KeyFault.Hash)]
    public void Import_of_a_private_key_with_a_changed_part_throws(int at, KeyFault fault)
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        byte[] changed = DsaKeys.Export(key);
        changed[at] = fault == KeyFault.Range ? (byte)0xFF : (byte)(changed[at] ^ 1);
        Assert.Equal(fault, Assert.Throws<EstreamInvalidKeyException>(() => MlDsa87PrivateKey.Import(changed)).Fault);
    }

    [Fact]
    public void Buffers_of_the_wrong_length_throw_ArgumentException()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(2);
        byte[] signature = new byte[MlDsa87.SignatureBytes], mu = new byte[MlDsa87.MuBytes];
        Assert.Throws<ArgumentException>("signature", () => key.Sign([], [], new byte[signature.Length - 1]));
        Assert.Throws<ArgumentException>("signature", () => key.SignDeterministic([], [], new byte[signature.Length + 1]));
        Assert.Throws<ArgumentException>("signature", () => key.SignMu(mu, []));
        Assert.Throws<ArgumentException>("mu", () => key.SignMu(new byte[32], signature));
        Assert.Throws<ArgumentException>("mu", () => key.PublicKey.ComputeMu([], [], new byte[65]));
        Assert.Throws<ArgumentException>("context", () => key.Sign([], new byte[256], signature));
        Assert.Throws<ArgumentException>("context", () => key.PublicKey.ComputeMu([], new byte[256], mu));
        Assert.Throws<ArgumentException>("destination", () => key.PublicKey.Export(new byte[MlDsa87.PublicKeyBytes + 1]));
        Assert.Throws<ArgumentException>("destination", () => key.Export(new byte[MlDsa87.PrivateKeyBytes - 1]));
        Assert.Throws<ArgumentException>("destination", () => key.ExportSeed(new byte[64]));
    }

    [Fact]
    public void Verify_never_throws()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(3);
        byte[] signature = DsaKeys.Sign(key, [1], []);
        Assert.True(key.PublicKey.Verify([1], [], signature));
        Assert.False(key.PublicKey.Verify([1], new byte[256], signature));
        Assert.False(key.PublicKey.Verify([1], [], signature.AsSpan(1)));
        Assert.False(key.PublicKey.Verify([1], [], [.. signature, 0]));
        Assert.False(key.PublicKey.Verify([1], [], []));
        Assert.False(key.PublicKey.VerifyMu([], signature));
    }

    [Fact]
    public void ExportSeed_throws_for_a_key_imported_in_expanded_form()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(3);
        using MlDsa87PrivateKey again = MlDsa87PrivateKey.Import(DsaKeys.Export(key));
        Assert.True(key.HasSeed);
        Assert.False(again.HasSeed);
        Assert.Throws<InvalidOperationException>(() => again.ExportSeed(new byte[MlDsa87.SeedBytes]));
    }

    [Fact]
    public void A_disposed_key_holds_no_secret_and_throws_but_its_public_key_still_works()
    {
        MlDsa87PrivateKey key = DsaKeys.Numbered(4);
        byte[] signature = DsaKeys.Sign(key, [1], []);
        object inner = Fields(key).Single(value => value.GetType().Name == "SigningKey");
        Array[] secrets = [.. Fields(key).Concat(Fields(inner)).OfType<Array>()];
        Assert.Equal(6, secrets.Length);
        Assert.All(secrets, secret => Assert.Contains(secret.Cast<object>(), value => Convert.ToInt32(value) != 0));
        key.Dispose();
        key.Dispose();
        Assert.All(secrets, secret => Assert.All(secret.Cast<object>(), value => Assert.Equal(0, Convert.ToInt32(value))));
        Assert.Throws<ObjectDisposedException>(() => DsaKeys.Sign(key, [1], []));
        Assert.Throws<ObjectDisposedException>(() => DsaKeys.Export(key));
        Assert.Throws<ObjectDisposedException>(() => key.ExportSeed(new byte[MlDsa87.SeedBytes]));
        Assert.True(key.PublicKey.Verify([1], [], signature));
    }

    private static IEnumerable<object> Fields(object of) =>
        of.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(field => field.GetValue(of)!);
}
