using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Crypto.Tests;

/// <summary>What holds for every key and ciphertext, shown on random ones. A failure prints the seed that replays it.</summary>
public sealed class MlKemTests
{
    [Fact]
    public void A_ciphertext_with_one_changed_bit_gives_the_secret_of_its_rejection()
    {
        Gen<(byte[] Seed, int Bit)> cases =
            from seed in Keys.Seed
            from bit in Gen.Choose(0, (8 * MlKem1024.CiphertextBytes) - 1)
            select (seed, bit);
        Check(cases, c =>
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(c.Seed);
            (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(key.PublicKey);
            ciphertext[c.Bit / 8] ^= (byte)(1 << (c.Bit % 8));
            byte[] actual = Keys.Decapsulate(key, ciphertext);
            Assert.Equal(Rejection(c.Seed, ciphertext), actual);
            Assert.NotEqual(secret, actual);
        });
    }

    [Fact]
    public void Bytes_that_are_no_ciphertext_give_the_secret_of_their_rejection()
    {
        Check(Keys.Seed.Zip(Keys.BytesOf(MlKem1024.CiphertextBytes), (seed, bytes) => (Seed: seed, Bytes: bytes)), c =>
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(c.Seed);
            Assert.Equal(Rejection(c.Seed, c.Bytes), Keys.Decapsulate(key, c.Bytes));
        });
    }

    [Fact]
    public void Both_have_the_same_secret_whatever_form_their_keys_came_in()
    {
        Check(Keys.Seed, seed =>
        {
            using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(seed);
            using MlKem1024PrivateKey expanded = MlKem1024PrivateKey.Import(Keys.Export(key));
            (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(MlKem1024PublicKey.Import(Keys.Export(key.PublicKey)));
            Assert.Equal(secret, Keys.Decapsulate(key, ciphertext));
            Assert.Equal(secret, Keys.Decapsulate(expanded, ciphertext));
            Assert.Equal(Keys.Export(key), Keys.Export(expanded));
            var exported = new byte[MlKem1024.SeedBytes];
            key.ExportSeed(exported);
            Assert.Equal(seed, exported);
        });
    }

    [Fact]
    public void Generated_keys_and_secrets_are_all_different()
    {
        using MlKem1024PrivateKey one = MlKem1024PrivateKey.Generate();
        using MlKem1024PrivateKey other = MlKem1024PrivateKey.Generate();
        Assert.NotEqual(Keys.Export(one.PublicKey), Keys.Export(other.PublicKey));
        (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(one.PublicKey);
        (byte[] otherCiphertext, byte[] otherSecret) = Keys.Encapsulate(one.PublicKey);
        Assert.NotEqual(ciphertext, otherCiphertext);
        Assert.NotEqual(secret, otherSecret);
        Assert.NotEqual(secret, Keys.Decapsulate(other, ciphertext));
    }

    [Fact]
    public void A_key_is_used_by_many_threads_at_once()
    {
        using MlKem1024PrivateKey key = Keys.Numbered(5);
        Parallel.For(0, LongRun.Count(500, 50_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(key.PublicKey);
            Assert.Equal(secret, Keys.Decapsulate(key, ciphertext));
        });
    }

    // J of FIPS 203, section 4.1, on the second half of the seed and the ciphertext.
    private static byte[] Rejection(byte[] seed, byte[] ciphertext)
    {
        var secret = new byte[MlKem1024.SharedSecretBytes];
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(seed.AsSpan(32));
        sponge.Absorb(ciphertext);
        sponge.Squeeze(secret);
        return secret;
    }

    private static void Check<T>(Gen<T> gen, Action<T> body) =>
        Prop.ForAll(gen.ToArbitrary(), body).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(200, 10_000)));
}
