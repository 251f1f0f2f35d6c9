using System.Buffers;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Calls for many keys of a versioned byte map give the same results as single calls.</summary>
public sealed class VersionedByteBulkTests
{
    [Theory]
    [InlineData(MapHome.Memory, ulong.MaxValue)]
    [InlineData(MapHome.Files, ulong.MaxValue)]
    [InlineData(MapHome.Files, 0xFFUL)]
    public void Bulk_calls_match_single_calls(MapHome home, ulong hashMask)
    {
        using TempDirectory directory = new();
        ByteMapOptions options = new() { InitialCapacity = 0, SegmentBytes = 64 << 10, HashMask = hashMask };
        using VersionedByteMap map = home == MapHome.Memory
            ? VersionedByteMap.CreateInMemory(options)
            : VersionedByteMap.Open(directory.Path, options);
        Dictionary<string, (byte[] Value, long Version)> model = [];
        Random random = new(5);
        for (int round = 0; round < 200; round++)
        {
            Put(map, model, random);
            Exchange(map, model, random);
            Get(map, model, random);
            Assert.Equal(model.Count, map.Count);
        }
    }

    [Fact]
    public void Bulk_calls_do_not_return_expired_entries()
    {
        var clock = new ManualClock();
        using VersionedByteMap map = VersionedByteMap.CreateInMemory(new ByteMapOptions { Clock = clock });
        long[] versions = new long[3];
        map.PutMany("ab"u8, [1, 1], "one2"u8, [3, 1], versions, TimeSpan.FromSeconds(1));
        Assert.Equal(1, map.CompareExchangeMany("c"u8, [1], [0], "three"u8, [5], versions, new bool[1], TimeSpan.FromSeconds(5)));
        clock.Pass(TimeSpan.FromSeconds(2));
        var values = new ArrayBufferWriter<byte>();
        int[] lengths = new int[3];
        Assert.Equal(1, map.GetMany("abc"u8, [1, 1, 1], values, lengths, versions));
        Assert.Equal([-1, -1, 5], lengths);
        Assert.True(values.WrittenSpan.SequenceEqual("three"u8));
        Assert.Equal((0L, 0L, true), (versions[0], versions[1], versions[2] > 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.PutMany("a"u8, [1], "1"u8, [1], versions, TimeSpan.Zero));
    }

    [Fact]
    public void Lengths_that_do_not_match_throw_and_nothing_is_stored()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        var values = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => map.GetMany(new byte[4], [3], values, new int[1], new long[1]));
        Assert.Throws<ArgumentException>(() => map.GetMany(new byte[4], [2, 2], values, new int[1], new long[2]));
        Assert.Throws<ArgumentException>(() => map.GetMany(new byte[4], [2, 2], values, new int[2], new long[1]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new byte[4], [2, 2], new byte[4], [4], new long[2]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new byte[4], [2, 2], new byte[4], [2, 1], new long[2]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new byte[4], [2, 1], new byte[4], [2, 2], new long[2]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new byte[4], [2, 2], new byte[4], [2, 2], new long[1]));
        Assert.Throws<ArgumentException>(() =>
            map.CompareExchangeMany(new byte[4], [2, 2], [0], new byte[4], [2, 2], new long[2], new bool[2]));
        Assert.Throws<ArgumentException>(() =>
            map.CompareExchangeMany(new byte[4], [2, 2], [0, 0], new byte[4], [2, 2], new long[2], new bool[1]));
        Assert.Equal((0, 0L), (values.WrittenCount, map.Count));
        map.PutMany([], [], [], [], []);
        Assert.Equal(0, map.GetMany([], [], values, [], []));
        Assert.Equal(0, map.CompareExchangeMany([], [], [], [], [], [], []));
    }

    [Fact]
    public void Bulk_calls_allocate_nothing()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        byte[] keys = [.. Enumerable.Range(0, 20).SelectMany(key => BitConverter.GetBytes(key))];
        int[] keyLengths = [.. Enumerable.Repeat(sizeof(int), 20)];
        int[] lengths = new int[20];
        long[] versions = new long[20];
        bool[] stored = new bool[20];
        var values = new ArrayBufferWriter<byte>(4_096);
        int replaced = 0;
        long bytes = AllocationMeter.OnThisThread(20, () =>
        {
            map.PutMany(keys, keyLengths, keys, keyLengths, versions);
            values.ResetWrittenCount();
            map.GetMany(keys, keyLengths, values, lengths, versions);
            replaced = map.CompareExchangeMany(keys, keyLengths, versions, keys, keyLengths, versions, stored);
        });
        Assert.Equal((0L, 20), (bytes, replaced));
        Assert.True(values.WrittenSpan.SequenceEqual(keys));
    }

    private static void Put(VersionedByteMap map, Dictionary<string, (byte[] Value, long Version)> model, Random random)
    {
        byte[][] keys = PackedBytes.Keys(random, 70);
        byte[][] values = [.. keys.Select(_ => ValueOf(random))];
        (byte[] allKeys, int[] keyLengths) = PackedBytes.Of(keys);
        (byte[] allValues, int[] valueLengths) = PackedBytes.Of(values);
        long[] versions = new long[keys.Length + 1];
        map.PutMany(allKeys, keyLengths, allValues, valueLengths, versions);
        for (int i = 0; i < keys.Length; i++)
        {
            Assert.True(versions[i] > VersionOf(model, keys[i]));
            model[PackedBytes.Name(keys[i])] = (values[i], versions[i]);
        }
    }

    private static void Exchange(VersionedByteMap map, Dictionary<string, (byte[] Value, long Version)> model, Random random)
    {
        byte[][] keys = [.. PackedBytes.Keys(random, 40).DistinctBy(PackedBytes.Name)];
        byte[][] values = [.. keys.Select(_ => ValueOf(random))];
        long[] expected =
            [.. keys.Select(key => random.Next(3) switch { 0 => 0, 1 => VersionOf(model, key) + 1, _ => VersionOf(model, key) })];
        (byte[] allKeys, int[] keyLengths) = PackedBytes.Of(keys);
        (byte[] allValues, int[] valueLengths) = PackedBytes.Of(values);
        long[] versions = new long[keys.Length];
        bool[] stored = new bool[keys.Length + 1];
        int count = map.CompareExchangeMany(allKeys, keyLengths, expected, allValues, valueLengths, versions, stored);
        Assert.Equal(count, stored.Count(isStored => isStored));
        for (int i = 0; i < keys.Length; i++)
        {
            long before = VersionOf(model, keys[i]);
            Assert.Equal(expected[i] == before, stored[i]);
            if (stored[i])
            {
                Assert.True(versions[i] > before);
                model[PackedBytes.Name(keys[i])] = (values[i], versions[i]);
            }
            else
            {
                Assert.Equal(before, versions[i]);
            }
        }
    }

    private static void Get(VersionedByteMap map, Dictionary<string, (byte[] Value, long Version)> model, Random random)
    {
        byte[][] asked = PackedBytes.Keys(random, 70);
        (byte[] allKeys, int[] keyLengths) = PackedBytes.Of(asked);
        int[] lengths = new int[asked.Length];
        long[] versions = new long[asked.Length + 2];
        var values = new ArrayBufferWriter<byte>();
        Assert.Equal(asked.Count(key => model.ContainsKey(PackedBytes.Name(key))),
            map.GetMany(allKeys, keyLengths, values, lengths, versions));
        List<byte[]?> answers = PackedBytes.Split(values.WrittenSpan, lengths);
        for (int i = 0; i < asked.Length; i++)
        {
            model.TryGetValue(PackedBytes.Name(asked[i]), out (byte[] Value, long Version) expected);
            Assert.Equal(expected.Value, answers[i]);
            Assert.Equal(expected.Version, versions[i]);
        }
    }

    private static long VersionOf(Dictionary<string, (byte[] Value, long Version)> model, byte[] key) =>
        model.TryGetValue(PackedBytes.Name(key), out (byte[] Value, long Version) known) ? known.Version : 0;

    private static byte[] ValueOf(Random random)
    {
        byte[] value = new byte[random.Next(40) == 0 ? random.Next(5_000) : random.Next(100)];
        random.NextBytes(value);
        return value;
    }
}
