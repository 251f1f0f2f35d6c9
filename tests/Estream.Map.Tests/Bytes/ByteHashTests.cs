using Estream.Map.Internal;

namespace Estream.Map.Tests;

public sealed class ByteHashTests
{
    [Theory]
    [InlineData(1, 0x68A914128E01E473)]
    [InlineData(7, 0x2F098AB0C751325A)]
    [InlineData(8, 0xEAD411E67EBE2EEA)]
    [InlineData(9, 0x75927F9D95124362)]
    [InlineData(15, 0xF30EB725BB91C9EA)]
    [InlineData(16, 0x8972188433A5C5B7)]
    [InlineData(63, 0x385D3E39E5F37359)]
    [InlineData(64, 0x75E05FD5BBC870C6)]
    [InlineData(1000, 0x498F889AC054D2D8)]
    public void ByteHash_is_SipHash_1_3(int length, ulong expected)
    {
        // CPython 3.11, which uses the same function, hashes bytes 0, 1, 2 … like this under PYTHONHASHSEED=0, whose key is zero.
        byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.Equal((nuint)expected, new ByteHash(0, 0).Of(data));
        Assert.Equal((nuint)expected, new ByteHash(0, 0).OfWithoutVectors(data));
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(0xFFUL)]
    public void The_hash_is_the_same_with_and_without_vectors(ulong mask)
    {
        Random random = new(6);
        byte[] data = new byte[80];
        for (int length = 0; length <= data.Length; length++)
        {
            random.NextBytes(data);
            ByteHash hash = new((ulong)random.NextInt64(), (ulong)random.NextInt64(), mask);
            Assert.Equal(hash.OfWithoutVectors(data.AsSpan(0, length)), hash.Of(data.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(0xFFUL)]
    public void The_hashes_of_many_keys_are_those_of_single_keys(ulong mask)
    {
        ByteHash hash = new(3, 4, mask);
        Random random = new(5);
        for (int round = 0; round < 500; round++)
        {
            int length = random.Next(40);
            int[] lengths = [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(20) == 0 ? random.Next(40) : length)];
            byte[] keys = new byte[lengths.Sum() + random.Next(3)];
            random.NextBytes(keys);
            var hashes = new nuint[lengths.Length];
            hash.OfMany(keys, lengths, hashes);
            int at = 0;
            for (int i = 0; i < lengths.Length; i++)
            {
                Assert.Equal(hash.Of(keys.AsSpan(at, lengths[i])), hashes[i]);
                at += lengths[i];
            }
        }
    }

    [Fact]
    public void Another_hash_key_gives_another_hash()
    {
        Assert.NotEqual(new ByteHash(1, 0).Of("pump-7"u8), new ByteHash(0, 0).Of("pump-7"u8));
        Assert.NotEqual(new ByteHash(0, 1).Of("pump-7"u8), new ByteHash(0, 0).Of("pump-7"u8));
        Assert.Equal(new ByteHash([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]).Of("x"u8), new ByteHash(1, 2).Of("x"u8));
    }

    [Fact]
    public void Each_map_has_its_own_hash_key_and_regular_names_do_not_collide()
    {
        using ByteMap first = ByteMap.CreateInMemory();
        using ByteMap second = ByteMap.CreateInMemory();
        foreach (ByteMap map in new[] { first, second })
        {
            for (int i = 0; i < 50_000; i++)
            {
                map.Put(BitConverter.GetBytes((long)i << 32), []);
                map.Put(BitConverter.GetBytes(i), []);
            }

            Assert.Equal(100_000, map.Count);
            Assert.Equal(0, map.GetStatistics().Collisions);

            // The hash key is random, and so is the longest probe: usually 10 to 20. Names that collide give thousands.
            Assert.InRange(map.GetStatistics().Index.LongestProbe, 1, 100);
        }

        Assert.NotEqual(Order(first), Order(second));
    }

    private static string Order(ByteMap map)
    {
        List<string> keys = [];
        foreach (ByteMapEntry entry in map)
        {
            keys.Add(Convert.ToHexString(entry.Key));
            if (keys.Count == 20)
            {
                break;
            }
        }

        return string.Join(' ', keys);
    }
}
