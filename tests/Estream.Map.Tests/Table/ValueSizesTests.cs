using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>Every layout of slots in a bucket, compared with a dictionary: one to seven slots, atomic and journaled values, odd
/// sizes.</summary>
public sealed class ValueSizesTests
{
    private static readonly Random s_random = new(20260);

    [Fact]
    public void Keys_of_one_byte_match_a_dictionary() => Compare<byte, byte>(i => (byte)i, i => (byte)(i * 7), 256);

    [Fact]
    public void Keys_of_two_bytes_match_a_dictionary() => Compare<ushort, short>(i => (ushort)(i * 31), i => (short)i, 2_000);

    [Fact]
    public void Keys_and_values_of_four_bytes_match_a_dictionary() => Compare<int, int>(i => i << 12, i => ~i, 20_000);

    [Fact]
    public void Keys_of_four_bytes_and_large_values_match_a_dictionary() => Compare<int, Block40>(i => -i, Block40.Of, 5_000);

    [Fact]
    public void Floating_point_keys_match_a_dictionary() => Compare<double, float>(i => i * 0.1, i => i, 5_000);

    [Fact]
    public void Values_of_sixteen_bytes_match_a_dictionary() => Compare<long, Guid>(i => i * 1_000_003L, _ => NewGuid(), 5_000);

    [Fact]
    public void Values_of_three_bytes_match_a_dictionary() => Compare<long, Block3>(i => i, Block3.Of, 5_000);

    [Fact]
    public void Keys_of_three_bytes_match_a_dictionary() => Compare<Block3, long>(Block3.Of, i => i, 5_000);

    [Fact]
    public void Keys_of_sixteen_bytes_match_a_dictionary() => Compare<Guid, int>(Spread, i => i, 5_000);

    [Fact]
    public void Keys_of_forty_bytes_match_a_dictionary() => Compare<Block40, Block40>(Block40.Of, Block40.Of, 5_000);

    [Fact]
    public void Text_keys_and_latest_entries_match_a_dictionary() =>
        Compare<Utf8Key64, LatestEntry>(TextKey, i => LatestEntry.Create(i, i, i, BitConverter.GetBytes(i)), 3_000);

    private static void Compare<TKey, TValue>(Func<int, TKey> keyOf, Func<int, TValue> valueOf, int keys)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using StateMap<TKey, TValue> map = StateMap.CreateInMemory<TKey, TValue>(0);
        Dictionary<TKey, TValue> model = new(new ByteComparer<TKey>());
        for (int operation = 0; operation < keys * 4; operation++)
        {
            TKey key = keyOf(s_random.Next(keys));
            TValue value = valueOf(s_random.Next());
            if (s_random.Next(4) == 0)
            {
                Assert.Equal(model.Remove(key), map.Remove(key));
            }
            else
            {
                Assert.Equal(!model.ContainsKey(key), map.Put(key, value));
                model[key] = value;
            }
        }

        Assert.Equal(model.Count, map.Count);
        for (int index = 0; index < keys; index++)
        {
            bool isThere = model.TryGetValue(keyOf(index), out TValue expected);
            Assert.Equal(isThere, map.TryGet(keyOf(index), out TValue actual));
            Assert.True(RawValue.AreEqual(in expected, in actual));
        }

        foreach ((TKey key, TValue value) in map)
        {
            Assert.True(model.Remove(key, out TValue expected) && RawValue.AreEqual(in expected, in value));
        }

        Assert.Empty(model);
    }

    private static Utf8Key64 TextKey(int index)
    {
        Assert.True(Utf8Key64.TryCreate($"plant/line-{index % 7}/pump-{index}", out Utf8Key64 key));
        return key;
    }

    private static Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        s_random.NextBytes(bytes);
        return new Guid(bytes);
    }

    // Returns keys that differ only in their last bytes, so the hash must use all bytes.
    private static Guid Spread(int index) =>
        new(0, 0, 0, 0, 0, 0, 0, (byte)(index >> 24), (byte)(index >> 16), (byte)(index >> 8), (byte)index);

    private sealed class ByteComparer<T> : IEqualityComparer<T>
        where T : unmanaged
    {
        public bool Equals(T left, T right) => RawValue.AreEqual(in left, in right);

        public int GetHashCode(T value)
        {
            HashCode hash = default;
            hash.AddBytes(RawValue.AsBytes(in value));
            return hash.ToHashCode();
        }
    }

    [InlineArray(3)]
    private struct Block3
    {
        private byte _first;

        public static Block3 Of(int seed)
        {
            Block3 block = default;
            (block[0], block[1], block[2]) = ((byte)seed, (byte)(seed >> 8), (byte)(seed >> 16));
            return block;
        }
    }

    [InlineArray(5)]
    private struct Block40
    {
        private long _first;

        public static Block40 Of(int seed)
        {
            Block40 block = default;
            for (int word = 0; word < 5; word++)
            {
                block[word] = seed * (long)(word + 1);
            }

            return block;
        }
    }
}
