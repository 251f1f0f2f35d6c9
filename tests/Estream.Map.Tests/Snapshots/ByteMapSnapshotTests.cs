using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A snapshot of a byte map stays as it was created, whatever is written, and is enumerated in the order of its keys.</summary>
public sealed class ByteMapSnapshotTests : IDisposable
{
    private const int Keys = 150;

    private static readonly ByteMapOptions s_small = new() { InitialCapacity = 0, SegmentBytes = 8192 };

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void CreateSnapshot_throws_for_a_reader()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
        Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => reader.CreateSnapshot()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_snapshot_throws()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        map.Put("a"u8, "1"u8);
        ByteMapSnapshot snapshot = map.CreateSnapshot();
        OrderedByteMapSnapshot ordered = snapshot.OrderByKey();
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => snapshot.TryGet("a"u8, out byte[]? _));
        Assert.Throws<ObjectDisposedException>(() => snapshot.ContainsKey("a"u8));
        Assert.Throws<ObjectDisposedException>(() => snapshot.UserWord(0));
        Assert.Throws<ObjectDisposedException>(() => snapshot.OrderByKey());
        Assert.Throws<ObjectDisposedException>(() => snapshot.GetEnumerator().MoveNext());
        Assert.Equal(["61"], KeysOf(ordered.GetEnumerator()));
        ordered.Dispose();
        ordered.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ordered.GetEnumerator().MoveNext());
        Assert.Throws<ObjectDisposedException>(() => ordered.CountBefore("a"u8));
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.CreateSnapshot());
    }

    [Fact]
    public void A_full_disk_refuses_a_snapshot_and_changes_nothing()
    {
        FullStorage storage = new();
        using ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { Storage = storage });
        map.Put("a"u8, "1"u8);
        storage.IsFull = true;
        Assert.Equal(StorageFailure.DiskFull, Assert.Throws<EstreamStorageException>(() => map.CreateSnapshot()).Reason);
        storage.IsFull = false;
        map.Put("a"u8, "2"u8);
        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        Assert.True(snapshot.TryGet("a"u8, out byte[]? value) && value.AsSpan().SequenceEqual("2"u8));
    }

    [Fact]
    public void Damaged_bytes_are_reported()
    {
        using ByteMap map = ByteMap.Open(_directory.Path);
        map.Put("key"u8, new byte[100]);
        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        string heap = Assert.Single(Directory.GetFiles(_directory.Path, "heap.*"));
        using (MemoryRegion file = FileStorage.Instance.OpenRegion(heap, RegionAccess.ReadWrite))
        {
            file.All.Span(256 + 16 + 3, 1)[0] ^= 1;
        }

        Assert.Throws<EstreamCorruptionException>(() => snapshot.TryGet("key"u8, out byte[]? _));
        Assert.Throws<EstreamCorruptionException>(() => snapshot.GetEnumerator().MoveNext());
    }

    [Theory]
    [InlineData(MapHome.Memory, ulong.MaxValue)]
    [InlineData(MapHome.Files, ulong.MaxValue)]
    [InlineData(MapHome.Files, 7ul)]
    public void Each_snapshot_matches_a_copy_of_the_dictionary_at_its_moment(MapHome home, ulong hashMask)
    {
        ByteMapOptions options = hashMask == ulong.MaxValue ? s_small : s_small with { HashMask = hashMask };
        Random random = new((int)(hashMask % 1_000));
        using ByteMap map = home == MapHome.Files ? ByteMap.Open(_directory.Path, options) : ByteMap.CreateInMemory(options);
        Dictionary<string, byte[]> model = [];
        Queue<(ByteMapSnapshot Snapshot, Dictionary<string, byte[]> Model)> held = new();
        for (int operation = 0; operation < LongRun.Count(6_000, 60_000); operation++)
        {
            Change(map, model, random, operation);
            if (random.Next(150) == 0)
            {
                held.Enqueue((map.CreateSnapshot(), new Dictionary<string, byte[]>(model)));
                if (held.Count > 3)
                {
                    CheckAndDispose(held.Dequeue());
                }
            }
        }

        while (held.Count > 1)
        {
            CheckAndDispose(held.Dequeue());
        }

        // Snapshots end with their map, because the next writer does not know them.
        using ByteMapSnapshot last = held.Dequeue().Snapshot;
        using OrderedByteMapSnapshot ordered = last.OrderByKey();
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => last.ContainsKey("a"u8));
        Assert.Throws<ObjectDisposedException>(() => last.UserWord(0));
        Assert.Throws<ObjectDisposedException>(() => last.GetEnumerator().MoveNext());
        Assert.Throws<ObjectDisposedException>(() => last.OrderByKey());
        Assert.Throws<ObjectDisposedException>(() => ordered.From("a"u8));
        Assert.Throws<ObjectDisposedException>(() => ordered.GetEnumerator().MoveNext());
    }

    [Fact]
    public void A_reader_sees_the_map_and_not_the_snapshot_and_its_space_is_released()
    {
        using ByteMap map = ByteMap.Open(_directory.Path, s_small);
        using ByteMap reader = ByteMap.OpenReadOnly(_directory.Path);
        byte[] value = new byte[1_000];
        MapRound(map, reader, value, 1);
        using (ByteMapSnapshot snapshot = map.CreateSnapshot())
        {
            for (byte round = 2; round < 20; round++)
            {
                MapRound(map, reader, value, round);
            }

            value.AsSpan().Fill(1);
            Assert.True(snapshot.TryGet(BitConverter.GetBytes(5), out byte[]? old) && old.AsSpan().SequenceEqual(value));
        }

        for (byte round = 20; round < 40; round++)
        {
            MapRound(map, reader, value, round);
        }

        ByteMapStatistics figures = map.GetStatistics();
        Assert.True(figures.HeapBytes < (3 * figures.LiveBytes) + (1 << 20), $"{figures}");
        Assert.Equal(Keys, reader.Count);
    }

    [Fact]
    public void Ranges_are_ordered_by_the_bytes_of_the_keys()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        byte[][] keys = [[], [0], [0, 0], [1], "a long key with much in common: 1"u8.ToArray(),
            "a long key with much in common: 10"u8.ToArray(), "a long key with much in common: 2"u8.ToArray(), "a long k"u8.ToArray(),
            [255], [255, 0]];
        foreach (byte[] key in keys.Reverse())
        {
            map.Put(key, key);
        }

        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        using OrderedByteMapSnapshot ordered = snapshot.OrderByKey();
        string[] expected =
            [.. keys.Order(Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right))).Select(Convert.ToHexString)];
        Assert.Equal(expected, KeysOf(ordered.GetEnumerator()));
        foreach (byte[] from in keys.Append("a long key"u8.ToArray()))
        {
            Assert.Equal(keys.Count(key => key.AsSpan().SequenceCompareTo(from) < 0), ordered.CountBefore(from));
            Assert.Equal(expected[ordered.CountBefore(from)..], KeysOf(ordered.From(from).GetEnumerator()));
            Assert.Equal(0, ordered.Between(from, []).Count);
        }

        Assert.Equal(2, ordered.Between("a long key with much in common: 1"u8, "a long key with much in common: 2"u8).Count);
    }

    [Fact]
    public void Reading_a_snapshot_allocates_only_a_borrowed_buffer()
    {
        using ByteMap map = ByteMap.CreateInMemory();
        for (int key = 0; key < Keys; key++)
        {
            map.Put(BitConverter.GetBytes(key), new byte[key]);
        }

        using ByteMapSnapshot snapshot = map.CreateSnapshot();
        using OrderedByteMapSnapshot ordered = snapshot.OrderByKey();
        long sum = 0;
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            Span<byte> buffer = stackalloc byte[Keys];
            foreach (ByteMapEntry entry in snapshot)
            {
                sum += snapshot.TryGet(entry.Key, buffer, out int length).IsOk ? length : 0;
            }

            foreach (ByteMapEntry entry in ordered)
            {
                sum += entry.Value.Length;
            }
        });
        Assert.Equal(0, bytes);
        Assert.NotEqual(0, sum);
    }

    private static void Change(ByteMap map, Dictionary<string, byte[]> model, Random random, int operation)
    {
        byte[] key = [.. BitConverter.GetBytes(random.Next(Keys)), .. new byte[operation % 3 == 0 ? 0 : 1]];
        string name = Convert.ToHexString(key);
        switch (random.Next(100))
        {
            case < 65:
                byte[] value = new byte[operation % 37 == 0 ? 5_000 : random.Next(300)];
                Array.Fill(value, (byte)operation);
                Assert.Equal(!model.ContainsKey(name), map.Put(key, value));
                model[name] = value;
                break;
            case < 98:
                Assert.Equal(model.Remove(name), map.Remove(key));
                break;
            case 98:
                map.Compact();
                break;
            default:
                if (random.Next(5) == 0)
                {
                    map.Clear();
                    model.Clear();
                }

                break;
        }
    }

    private static void CheckAndDispose((ByteMapSnapshot Snapshot, Dictionary<string, byte[]> Model) held)
    {
        using ByteMapSnapshot snapshot = held.Snapshot;
        Assert.Equal(held.Model.Count, snapshot.Count);
        Dictionary<string, byte[]> found = [];
        foreach (ByteMapEntry entry in snapshot)
        {
            found.Add(Convert.ToHexString(entry.Key), entry.Value.ToArray());
            Assert.True(snapshot.TryGet(entry.Key, out byte[]? again) && again.AsSpan().SequenceEqual(entry.Value));
        }

        Assert.Equal(held.Model.OrderBy(pair => pair.Key), found.OrderBy(pair => pair.Key));
        using OrderedByteMapSnapshot ordered = snapshot.OrderByKey();
        Assert.Equal(found.Keys.Order(StringComparer.Ordinal), KeysOf(ordered.GetEnumerator()));
    }

    private static List<string> KeysOf(OrderedByteMapSnapshot.Enumerator entries)
    {
        List<string> keys = [];
        while (entries.MoveNext())
        {
            keys.Add(Convert.ToHexString(entries.Current.Key));
        }

        entries.Dispose();
        return keys;
    }

    private static void MapRound(ByteMap map, ByteMap reader, byte[] value, byte round)
    {
        value.AsSpan().Fill(round);
        for (int key = 0; key < Keys; key++)
        {
            map.Put(BitConverter.GetBytes(key), value);
        }

        Assert.True(reader.TryGet(BitConverter.GetBytes((int)round), out byte[]? found) && found.AsSpan().SequenceEqual(value));
    }
}
