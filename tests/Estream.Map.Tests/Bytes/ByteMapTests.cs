using System.Buffers;
using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

public sealed class ByteMapTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 8)]
    [InlineData(ByteMap.MaxKeyBytes, 5)]
    [InlineData(20, 3_000_000)]
    public void Writer_and_reader_get_the_values_that_were_put_also_after_reopening(int keyBytes, int valueBytes)
    {
        (byte[] key, byte[] value) = (Bytes(keyBytes), Bytes(valueBytes));
        using (ByteMap map = ByteMap.Open(_directory.Path))
        {
            Assert.True(map.Put(key, value));
            Assert.False(map.Put(key, value));
            AssertHas(map, key, value);
            using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
            AssertHas(reader, key, value);
        }

        using ByteMap again = ByteMap.Open(_directory.Path);
        AssertHas(again, key, value);
        Assert.Equal(1, again.Count);
        Assert.False(again.HostCrashed);
    }

    [Fact]
    public void The_longest_value_fits_and_longer_values_are_refused()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        byte[] tooLong = new byte[ByteMap.MaxValueBytes + 1];
        Assert.Throws<ArgumentException>(() => map.Put("k"u8, tooLong));
        Assert.Throws<ArgumentException>(() => map.CompareExchange("k"u8, [], tooLong));
        Assert.Throws<ArgumentException>(() => map.Put(tooLong.AsSpan(0, ByteMap.MaxKeyBytes + 1), []));
        Assert.True(map.Put("k"u8, tooLong.AsSpan(1)));
        Assert.Equal(StatusCode.Full, map.TryGet("k"u8, [], out int length).Code);
        Assert.Equal(ByteMap.MaxValueBytes, length);
    }

    [Fact]
    public void A_destination_that_is_too_short_gets_the_length_of_the_value()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        map.Put("key"u8, "value"u8);
        Span<byte> destination = stackalloc byte[5];
        Assert.True(map.TryGet("key"u8, destination[..4], out int length).IsFull);
        Assert.Equal(5, length);
        Assert.True(map.TryGet("key"u8, destination, out length).IsOk);
        Assert.True(destination.SequenceEqual("value"u8));
        Assert.True(map.TryGet("kez"u8, destination, out length).IsNotFound);
        Assert.Equal(0, length);
    }

    [Fact]
    public void Values_can_change_their_length_and_keys_can_be_added_and_removed()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        Assert.True(map.TryAdd("a"u8, "1"u8));
        Assert.False(map.TryAdd("a"u8, "2"u8));
        Assert.False(map.Put("a"u8, "a longer value than before"u8));
        Assert.False(map.CompareExchange("a"u8, "1"u8, "3"u8));
        Assert.True(map.CompareExchange("a"u8, "a longer value than before"u8, ""u8));
        Assert.True(map.TryGet("a"u8, out byte[]? value) && value.Length == 0);
        Assert.False(map.CompareExchange("b"u8, ""u8, ""u8));
        Assert.True(map.ContainsKey("a"u8));
        Assert.True(map.Remove("a"u8));
        Assert.False(map.Remove("a"u8));
        Assert.False(map.TryGet("a"u8, out value) || value is not null);
        Assert.Equal(0, map.Count);
    }

    [Fact]
    public void A_cleared_map_is_empty_and_small_and_keeps_its_user_words()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        map.SetUserWord(2, 77);
        for (int i = 0; i < 5_000; i++)
        {
            map.Put(BitConverter.GetBytes(i), Bytes(1_000));
        }

        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
        Assert.Equal(5_000, reader.Count);
        map.Clear();
        Assert.Equal(0, reader.Count);
        Assert.False(reader.ContainsKey(BitConverter.GetBytes(7)));
        Assert.Empty(Directory.GetFiles(_directory.Path, "heap.*"));
        Assert.Equal(0, map.GetStatistics().HeapBytes);
        map.Put("x"u8, "y"u8);
        AssertHas(reader, "x"u8.ToArray(), "y"u8.ToArray());
        Assert.Equal(77, reader.UserWord(2));
    }

    [Fact]
    public void A_reader_follows_files_that_are_released_and_reused()
    {
        ByteMapOptions options = new() { SegmentBytes = 4096 };
        using ByteMap map = ByteMap.Open(_directory.Path, options);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, options);
        for (int turn = 0; turn < 3_000; turn++)
        {
            byte[] value = Bytes(turn % 300);
            map.Put(BitConverter.GetBytes(turn % 20), value);
            AssertHas(reader, BitConverter.GetBytes(turn % 20), value);
        }

        Assert.InRange(map.GetStatistics().Passes, 10, 3_000);
        Assert.Equal(20, reader.ToDictionary().Count);
    }

    [Fact]
    public void Too_many_keys_with_one_hash_are_refused_and_the_map_stays_whole()
    {
        using ByteMap map = ByteMap.CreateInMemory(new ByteMapOptions { HashMask = 0 });
        for (byte key = 0; key < 64; key++)
        {
            Assert.True(map.Put([key], [key, key]));
        }

        Assert.Throws<InvalidOperationException>(() => map.Put([64], [64]));
        Assert.Equal(64, map.Count);
        Assert.Equal(63, map.GetStatistics().Collisions);
        Assert.Equal(64, map.ToDictionary().Count);
        for (byte key = 0; key < 64; key++)
        {
            Assert.False(map.Put([key], [key]));
            AssertHas(map, [key], [key]);
            Assert.True(map.Remove([key]));
        }

        Assert.Equal(0, map.Count);
        Assert.Equal(0, map.GetStatistics().LiveBytes);
    }

    [Fact]
    public void A_read_only_map_and_a_closed_map_refuse_writes()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path, new ByteMapOptions { Storage = new ReadOnlyStorage() });
        Assert.True(reader.IsReadOnly);
        Assert.Throws<InvalidOperationException>(() => reader.Put("a"u8, "b"u8));
        Assert.Throws<InvalidOperationException>(reader.Clear);
        Assert.Throws<InvalidOperationException>(reader.Compact);
        reader.Dispose();
        reader.Dispose();
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.Put("a"u8, "b"u8));
        Assert.Throws<ObjectDisposedException>(() => map.ContainsKey("a"u8));
        Assert.Throws<ObjectDisposedException>(() => map.Count);
        Assert.Throws<ObjectDisposedException>(() => reader.GetEnumerator());
    }

    [Fact]
    public void A_full_disk_refuses_only_writes_that_need_a_new_file()
    {
        FullStorage storage = new();
        using ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { Storage = storage, SegmentBytes = 4096 });
        storage.IsFull = true;
        int stored = 0;
        EstreamStorageException? full = null;
        try
        {
            for (; stored < 1_000; stored++)
            {
                map.Put(BitConverter.GetBytes(stored), Bytes(100));
            }
        }
        catch (EstreamStorageException refused)
        {
            full = refused;
        }

        Assert.True(full?.IsTransient);
        Assert.Equal(stored, map.Count);
        storage.IsFull = false;
        Assert.True(map.Put(BitConverter.GetBytes(stored), Bytes(100)));
        storage.IsFull = true;
        for (int key = 0; key <= stored; key++)
        {
            Assert.True(map.TryGet(BitConverter.GetBytes(key), out byte[]? value) && value.Length == 100);
            Assert.True(map.Remove(BitConverter.GetBytes(key)));
        }

        Assert.Equal(0, map.Count);
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];

    private static void AssertHas(ByteMap map, byte[] key, byte[] value)
    {
        Assert.True(map.TryGet(key, out byte[]? copy) && copy.AsSpan().SequenceEqual(value));
        var writer = new ArrayBufferWriter<byte>();
        Assert.True(map.TryGet(key, writer) && writer.WrittenSpan.SequenceEqual(value));
        byte[] larger = new byte[value.Length + 1];
        Assert.True(map.TryGet(key, larger, out int length).IsOk && larger.AsSpan(0, length).SequenceEqual(value));
    }
}
