using Estream.Crypto.Internal.Keccak;
using Estream.Crypto.Tests.Support;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Crypto.Tests;

/// <summary>Properties of every key and ciphertext, tested on random keys and ciphertexts.</summary>
public sealed class MlKemTests
{
    [Property(200, 10_000, Arbitrary = [typeof(Cases)])]
    public void Decapsulating_a_ciphertext_with_one_changed_bit_gives_the_rejection_secret(ChangedBit c)
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(c.Seed);
        (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(key.PublicKey);
        ciphertext[c.Bit / 8] ^= (byte)(1 << (c.Bit % 8));
        byte[] actual = Keys.Decapsulate(key, ciphertext);
        Assert.Equal(Rejection(c.Seed, ciphertext), actual);
        Assert.NotEqual(secret, actual);
    }

    [Property(200, 10_000, Arbitrary = [typeof(Cases)])]
    public void Decapsulating_random_bytes_gives_the_rejection_secret(RandomCiphertext c)
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(c.Seed);
        Assert.Equal(Rejection(c.Seed, c.Bytes), Keys.Decapsulate(key, c.Bytes));
    }

    [Property(200, 10_000, Arbitrary = [typeof(Cases)])]
    public void Both_sides_have_the_same_secret_for_every_key_form(KeySeed c)
    {
        using MlKem1024PrivateKey key = MlKem1024PrivateKey.ImportSeed(c.Seed);
        using MlKem1024PrivateKey expanded = MlKem1024PrivateKey.Import(Keys.Export(key));
        (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(MlKem1024PublicKey.Import(Keys.Export(key.PublicKey)));
        Assert.Equal(secret, Keys.Decapsulate(key, ciphertext));
        Assert.Equal(secret, Keys.Decapsulate(expanded, ciphertext));
        Assert.Equal(Keys.Export(key), Keys.Export(expanded));
        var exported = new byte[MlKem1024.SeedBytes];
        key.ExportSeed(exported);
        Assert.Equal(c.Seed, exported);
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
    public void A_key_can_be_used_by_many_threads_at_once()
    {
        using MlKem1024PrivateKey key = Keys.Numbered(5);
        Parallel.For(0, LongRun.Count(500, 50_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            (byte[] ciphertext, byte[] secret) = Keys.Encapsulate(key.PublicKey);
            Assert.Equal(secret, Keys.Decapsulate(key, ciphertext));
        });
    }

    // J of FIPS 203, section 4.1, over the second half of the seed and the ciphertext.
    private static byte[] Rejection(byte[] seed, byte[] ciphertext)
    {
        var secret = new byte[MlKem1024.SharedSecretBytes];
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(seed.AsSpan(32));
        sponge.Absorb(ciphertext);
        sponge.Squeeze(secret);
        return secret;
    }

    /// <summary>A key, and the bit of a ciphertext to change.</summary>
    public sealed record ChangedBit(byte[] Seed, int Bit)
    {
        /// <inheritdoc/>
        public override string ToString() => $"seed {Convert.ToHexString(Seed)}, bit {Bit}";
    }

    /// <summary>A key, and bytes of the length of a ciphertext.</summary>
    public sealed record RandomCiphertext(byte[] Seed, byte[] Bytes)
    {
        /// <inheritdoc/>
        public override string ToString() => $"seed {Convert.ToHexString(Seed)}, bytes {Convert.ToHexString(Bytes)}";
    }

    /// <summary>A key.</summary>
    public sealed record KeySeed(byte[] Seed)
    {
        /// <inheritdoc/>
        public override string ToString() => $"seed {Convert.ToHexString(Seed)}";
    }

    /// <summary>Random keys and the other inputs of the properties.</summary>
    public static class Cases
    {
        /// <summary>Any bit of a ciphertext.</summary>
        public static Arbitrary<ChangedBit> ChangedBits() =>
            (from seed in Keys.Seed
             from bit in Gen.Choose(0, (8 * MlKem1024.CiphertextBytes) - 1)
             select new ChangedBit(seed, bit)).ToArbitrary();

        /// <summary>Bytes that no key encapsulated.</summary>
        public static Arbitrary<RandomCiphertext> RandomCiphertexts() =>
            Keys.Seed.Zip(Keys.BytesOf(MlKem1024.CiphertextBytes), (seed, bytes) => new RandomCiphertext(seed, bytes)).ToArbitrary();

        /// <summary>Any key.</summary>
        public static Arbitrary<KeySeed> Seeds() => Keys.Seed.Select(seed => new KeySeed(seed)).ToArbitrary();
    }
}
