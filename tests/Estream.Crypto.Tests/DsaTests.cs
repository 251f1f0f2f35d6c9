using Estream.Crypto.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Crypto.Tests;

/// <summary>Properties of every key, message and context, tested on random keys, messages and contexts.</summary>
public sealed class DsaTests
{
    [Property(200, 10_000, Arbitrary = [typeof(Cases)])]
    public void Verify_rejects_a_signature_with_one_changed_bit(ChangedBit c)
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(c.Seed);
        byte[] signature = DsaKeys.Sign(key, c.Data, []);
        Assert.True(key.PublicKey.Verify(c.Data, [], signature));
        signature[c.Bit / 8] ^= (byte)(1 << (c.Bit % 8));
        Assert.False(key.PublicKey.Verify(c.Data, [], signature));
    }

    [Property(200, 10_000, Arbitrary = [typeof(Cases)])]
    public void Verify_accepts_a_signature_for_its_own_data_context_and_key_only(Message c)
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(c.Seed);
        using MlDsa87PrivateKey other = MlDsa87PrivateKey.Generate();
        byte[] signature = DsaKeys.Sign(key, c.Data, c.Context);
        Assert.True(key.PublicKey.Verify(c.Data, c.Context, signature));
        Assert.False(key.PublicKey.Verify([.. c.Data, 0], c.Context, signature));
        Assert.False(key.PublicKey.Verify(c.Data, AnotherThan(c.Context), signature));
        Assert.False(other.PublicKey.Verify(c.Data, c.Context, signature));
    }

    [Property(200, 10_000, Arbitrary = [typeof(Cases)])]
    public void A_key_signs_the_same_whether_imported_from_a_seed_or_expanded(Message c)
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(c.Seed);
        using MlDsa87PrivateKey expanded = MlDsa87PrivateKey.Import(DsaKeys.Export(key));
        byte[] one = new byte[MlDsa87.SignatureBytes], two = new byte[MlDsa87.SignatureBytes], seed = new byte[MlDsa87.SeedBytes];
        key.SignDeterministic(c.Data, c.Context, one);
        expanded.SignDeterministic(c.Data, c.Context, two);
        Assert.Equal(one, two);
        Assert.Equal(DsaKeys.Export(key), DsaKeys.Export(expanded));
        Assert.True(MlDsa87PublicKey.Import(key.PublicKey.PublicKey.Span).Verify(c.Data, c.Context, one));
        key.ExportSeed(seed);
        Assert.Equal(c.Seed, seed);
    }

    [Property(200, 10_000, Arbitrary = [typeof(Cases)])]
    public void SignMu_signs_the_message_that_mu_hashes(Message c)
    {
        using MlDsa87PrivateKey key = MlDsa87PrivateKey.ImportSeed(c.Seed);
        byte[] mu = new byte[MlDsa87.MuBytes], signature = new byte[MlDsa87.SignatureBytes];
        key.PublicKey.ComputeMu(c.Data, c.Context, mu);
        key.SignMu(mu, signature);
        Assert.True(key.PublicKey.Verify(c.Data, c.Context, signature));
        Assert.True(key.PublicKey.VerifyMu(mu, signature));
        mu[^1] ^= 1;
        Assert.False(key.PublicKey.VerifyMu(mu, signature));
    }

    [Fact]
    public void Hedged_signatures_differ_and_deterministic_ones_do_not()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(1);
        Assert.NotEqual(DsaKeys.Sign(key, [1], []), DsaKeys.Sign(key, [1], []));
        byte[] one = new byte[MlDsa87.SignatureBytes], two = new byte[MlDsa87.SignatureBytes];
        key.SignDeterministic([1], [], one);
        key.SignDeterministic([1], [], two);
        Assert.Equal(one, two);
    }

    [Fact]
    public void A_key_can_be_used_by_many_threads_at_once()
    {
        using MlDsa87PrivateKey key = DsaKeys.Numbered(5);
        Parallel.For(0, LongRun.Count(500, 50_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, number =>
        {
            byte[] data = BitConverter.GetBytes(number);
            byte[] one = new byte[MlDsa87.SignatureBytes], two = new byte[MlDsa87.SignatureBytes];
            key.SignDeterministic(data, [], one);
            key.SignDeterministic(data, [], two);
            Assert.Equal(one, two);
            Assert.True(key.PublicKey.Verify(data, [], one));
        });
    }

    // Returns a different context, one byte longer if the maximum length allows.
    private static byte[] AnotherThan(byte[] context) =>
        context.Length < MlDsa87.MaxContextBytes ? [.. context, 0x5A] : [.. context[..^1], (byte)(context[^1] ^ 1)];

    /// <summary>A key and the data it signs.</summary>
    public sealed record Message(byte[] Seed, byte[] Data, byte[] Context)
    {
        /// <inheritdoc/>
        public override string ToString() =>
            $"seed {Convert.ToHexString(Seed)}, data {Convert.ToHexString(Data)}, context {Convert.ToHexString(Context)}";
    }

    /// <summary>A key, the data it signs, and the bit of the signature to change.</summary>
    public sealed record ChangedBit(byte[] Seed, byte[] Data, int Bit)
    {
        /// <inheritdoc/>
        public override string ToString() => $"seed {Convert.ToHexString(Seed)}, data {Convert.ToHexString(Data)}, bit {Bit}";
    }

    /// <summary>Random keys and messages.</summary>
    public static class Cases
    {
        private static readonly Gen<Message> s_messages =
            from seed in DsaKeys.Seed
            from data in Gen.Choose(0, 300).SelectMany(Keys.BytesOf)
            from context in Gen.Choose(0, MlDsa87.MaxContextBytes).SelectMany(Keys.BytesOf)
            select new Message(seed, data, context);

        /// <summary>Messages of up to 300 bytes with contexts of every length.</summary>
        public static Arbitrary<Message> Messages() => s_messages.ToArbitrary();

        /// <summary>Any bit of a signature.</summary>
        public static Arbitrary<ChangedBit> ChangedBits() =>
            (from message in s_messages
             from bit in Gen.Choose(0, (8 * MlDsa87.SignatureBytes) - 1)
             select new ChangedBit(message.Seed, message.Data, bit)).ToArbitrary();
    }
}
