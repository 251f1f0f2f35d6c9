using System.Buffers;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Calls for many keys of a byte map give the same results as single calls, also if keys collide, entries move and the map changes
/// its index.</summary>
public sealed class ByteBulkTests
{
    [Theory]
    [InlineData(MapHome.Memory, ulong.MaxValue)]
    [InlineData(MapHome.Files, ulong.MaxValue)]
    [InlineData(MapHome.Files, 0xFFUL)]
    public void Bulk_calls_match_single_calls(MapHome home, ulong hashMask)
    {
        using TempDirectory directory = new();
        ByteMapOptions options = new() { InitialCapacity = 0, SegmentBytes = 64 << 10, HashMask = hashMask };
        using ByteMap map = home == MapHome.Memory ? ByteMap.CreateInMemory(options) : ByteMap.Open(directory.Path, options);
        using ByteMap? reader = home == MapHome.Memory ? null : ByteMap.OpenReadOnly(directory.Path, options);
        Dictionary<string, byte[]> model = [];
        Random random = new(3);
        for (int round = 0; round < 300; round++)
        {
            byte[][] keys = PackedBytes.Keys(random, 70);
            byte[][] values = [.. keys.Select(_ => ValueOf(random))];
            int added = keys.Select(PackedBytes.Name).Distinct().Count(name => !model.ContainsKey(name));
            for (int i = 0; i < keys.Length; i++)
            {
                model[PackedBytes.Name(keys[i])] = values[i];
            }

            (byte[] allKeys, int[] keyLengths) = PackedBytes.Of(keys);
            (byte[] allValues, int[] valueLengths) = PackedBytes.Of(values);
            Assert.Equal(added, map.PutMany(allKeys, keyLengths, allValues, valueLengths));
            Get(map, model, random);
            Get(reader ?? map, model, random);
            Assert.Equal(model.Count, map.Count);
        }
    }

    [Fact]
    public void Lengths_that_do_not_match_throw_and_nothing_is_stored()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        var values = new ArrayBufferWriter<byte>();
        foreach (int[] lengths in (int[][])[[3], [2, 3], [-1, 5], [5, -1], [int.MaxValue, int.MaxValue, 6]])
        {
            Assert.Throws<ArgumentException>(() => map.GetMany(new byte[4], lengths, values, new int[3]));
            Assert.Throws<ArgumentException>(() =>
                map.PutMany(new byte[4], lengths, new byte[lengths.Length], [.. lengths.Select(_ => 1)]));
            Assert.Throws<ArgumentException>(() =>
                map.PutMany(new byte[lengths.Length], [.. lengths.Select(_ => 1)], new byte[4], lengths));
        }

        Assert.Throws<ArgumentException>(() => map.GetMany(new byte[4], [2, 2], values, new int[1]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new byte[4], [2, 2], new byte[4], [4]));
        Assert.Throws<ArgumentException>(() =>
            map.PutMany(new byte[ByteMap.MaxKeyBytes + 3], [2, ByteMap.MaxKeyBytes + 1], new byte[2], [1, 1]));
        Assert.Throws<ArgumentNullException>(() => map.GetMany(new byte[4], [4], null!, new int[1]));
        Assert.Equal((0, 0L), (values.WrittenCount, map.Count));
        Assert.Equal(0, map.PutMany([], [], [], []));
        Assert.Equal(0, map.GetMany([], [], values, []));
    }

    [Fact]
    public void Bulk_calls_throw_on_a_read_only_map_and_on_a_disposed_map()
    {
        using TempDirectory directory = new();
        ByteMap map = ByteMap.Open(directory.Path);
        using (ByteMap reader = ByteMap.OpenReadOnly(directory.Path))
        {
            Assert.Throws<InvalidOperationException>(() => reader.PutMany([1], [1], [1], [1]));
        }

        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.PutMany([1], [1], [1], [1]));
        Assert.Throws<ObjectDisposedException>(() => map.GetMany([1], [1], new ArrayBufferWriter<byte>(), new int[1]));
    }

    [Fact]
    public void Bulk_calls_allocate_nothing()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        byte[] keys = [.. Enumerable.Range(0, 20).SelectMany(key => BitConverter.GetBytes(key))];
        int[] keyLengths = [.. Enumerable.Repeat(sizeof(int), 20)];
        int[] valueLengths = [.. Enumerable.Repeat(sizeof(int), 20)];
        int[] lengths = new int[20];
        var values = new ArrayBufferWriter<byte>(4_096);
        int hits = 0;
        long bytes = AllocationMeter.OnThisThread(20, () =>
        {
            map.PutMany(keys, keyLengths, keys, valueLengths);
            values.ResetWrittenCount();
            hits = map.GetMany(keys, keyLengths, values, lengths);
        });
        Assert.Equal((0L, 20), (bytes, hits));
        Assert.True(values.WrittenSpan.SequenceEqual(keys));
    }

    private static void Get(ByteMap map, Dictionary<string, byte[]> model, Random random)
    {
        byte[][] asked = PackedBytes.Keys(random, 70);
        (byte[] allKeys, int[] keyLengths) = PackedBytes.Of(asked);
        int[] lengths = new int[asked.Length + 2];
        var values = new ArrayBufferWriter<byte>();
        Assert.Equal(asked.Count(key => model.ContainsKey(PackedBytes.Name(key))), map.GetMany(allKeys, keyLengths, values, lengths));
        List<byte[]?> answers = PackedBytes.Split(values.WrittenSpan, lengths.AsSpan(0, asked.Length));
        for (int i = 0; i < asked.Length; i++)
        {
            Assert.Equal(model.GetValueOrDefault(PackedBytes.Name(asked[i])), answers[i]);
        }
    }

    private static byte[] ValueOf(Random random)
    {
        byte[] value = new byte[random.Next(40) == 0 ? random.Next(5_000) : random.Next(100)];
        random.NextBytes(value);
        return value;
    }
}
