using System.Security.Cryptography;
using Estream.Crypto.Internal.Keccak;
using Estream.Testing;

namespace Estream.Crypto.Tests.Keccak;

/// <summary>Tests that hashing many messages equals hashing them one by one, with every kernel.</summary>
public sealed class Sha3LanesTests
{
    public static TheoryData<int> Kernels => KeccakX8Tests.Kernels;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Messages_of_equal_length_hash_in_lanes_as_they_hash_one_by_one(int kernel)
    {
        for (int length = 0; length < 450; length++)
        {
            Compare(kernel, [.. Enumerable.Repeat(length, (length % 11) + 6)], seed: length);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Messages_of_different_lengths_hash_in_lanes_as_they_hash_one_by_one(int kernel)
    {
        Random random = new(kernel);
        for (int round = 0; round < LongRun.Count(300, 3_000); round++)
        {
            int most = random.Next(2) == 0 ? 140 : 1_500;
            Compare(kernel, [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(most))], round);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Pairs_hash_in_lanes_as_they_hash_one_by_one(int kernel)
    {
        for (int count = 0; count < 60; count++)
        {
            byte[] pairs = new byte[count * 64], hashes = new byte[count * 32], expected = new byte[32];
            new Random(count).NextBytes(pairs);
            LaneHashes.Pairs((byte)count, pairs, hashes, (KeccakKernel)kernel);
            for (int at = 0; at < count; at++)
            {
                Sha3Lanes.Hash([(byte)count, .. pairs.AsSpan(at * 64, 64)], expected);
                Assert.Equal(expected, hashes.AsSpan(at * 32, 32).ToArray());
            }
        }
    }

    [Fact]
    public void Hashes_equal_those_of_the_platform_if_it_supports_SHA3()
    {
        byte[] hash = new byte[32];
        for (int length = 0; SHA3_256.IsSupported && length < 500; length += 7)
        {
            byte[] message = RandomNumberGenerator.GetBytes(length);
            Sha3Lanes.Hash(message, hash);
            Assert.Equal(SHA3_256.HashData(message), hash);
            Sha3Lanes.Hash(message.AsSpan(0, length / 3), message.AsSpan(length / 3), hash);
            Assert.Equal(SHA3_256.HashData(message), hash);
        }

        Sha3Lanes.Hash("abc"u8, hash);
        Assert.Equal("3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532", Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Mismatched_lengths_throw()
    {
        byte[] two = new byte[64];
        Assert.Throws<ArgumentException>("hash", () => Sha3Lanes.Hash(two, new byte[31]));
        Assert.Throws<ArgumentException>("hashes", () => Sha3Lanes.HashMany(two, [32, 32], new byte[63]));
        Assert.Throws<ArgumentException>("lengths", () => Sha3Lanes.HashMany(two, [32, 31], new byte[64]));
        Assert.Throws<ArgumentOutOfRangeException>("lengths", () => Sha3Lanes.HashMany(two, [65, -1], new byte[64]));
        Assert.Throws<ArgumentException>("pairs", () => Sha3Lanes.HashPairs(1, new byte[96], new byte[32]));
        Assert.Throws<ArgumentException>("hashes", () => Sha3Lanes.HashPairs(1, two, two));
    }

    [Fact]
    public void Hashing_allocates_nothing()
    {
        byte[] messages = new byte[1_000], hashes = new byte[10 * 32];
        int[] lengths = [0, 1, 64, 135, 136, 137, 300, 27, 100, 100];
        Assert.Equal(messages.Length, lengths.Sum());
        Assert.Equal(0, AllocationMeter.OnThisThread(100, () =>
        {
            Sha3Lanes.HashMany(messages, lengths, hashes);
            Sha3Lanes.HashPairs(1, messages.AsSpan(0, 640), hashes);
            Sha3Lanes.Hash(messages, hashes.AsSpan(0, 32));
        }));
    }

    private static void Compare(int kernel, int[] lengths, int seed)
    {
        byte[] messages = new byte[lengths.Sum()], hashes = new byte[lengths.Length * 32], expected = new byte[32];
        new Random(seed).NextBytes(messages);
        LaneHashes.Many(messages, lengths, hashes, (KeccakKernel)kernel);
        int start = 0;
        for (int at = 0; at < lengths.Length; at++)
        {
            KeccakSponge alone = KeccakSponge.Sha3_256();
            alone.Absorb(messages.AsSpan(start, lengths[at]));
            alone.Squeeze(expected);
            Assert.Equal(expected, hashes.AsSpan(at * 32, 32).ToArray());
            start += lengths[at];
        }
    }
}
