using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A snapshot of a map stays as it was created, whatever happens to the map.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void CreateSnapshot_throws_for_a_reader()
    {
        using StateMap<long, long> map = Open(MapWriters.One);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => reader.CreateSnapshot()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_snapshot_throws()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        map.Put(1, 1);
        MapSnapshot<long, long> snapshot = map.CreateSnapshot();
        MapSnapshot<long, long>.Enumerator entries = snapshot.GetEnumerator();
        Assert.Throws<ArgumentOutOfRangeException>(() => snapshot.UserWord(StateMap.UserWordCount));
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => snapshot.TryGet(1, out _));
        Assert.Throws<ObjectDisposedException>(() => snapshot.UserWord(0));
        Assert.Throws<ObjectDisposedException>(() => snapshot.GetEnumerator());
        Assert.Throws<ObjectDisposedException>(() => snapshot.OrderByKey());
        Assert.Throws<ObjectDisposedException>(() => entries.MoveNext());
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.CreateSnapshot());
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_full_disk_refuses_a_snapshot_and_changes_nothing(MapWriters writers)
    {
        FullStorage storage = new();
        using StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { Storage = storage, Writers = writers });
        Fill(map, 500);
        storage.IsFull = true;
        Assert.Equal(StorageFailure.DiskFull, Assert.Throws<EstreamStorageException>(() => map.CreateSnapshot()).Reason);
        Assert.False(map.Put(1, 2));
        Assert.Equal(500, map.CountByEnumeration());
        storage.IsFull = false;
        using MapSnapshot<long, long> snapshot = map.CreateSnapshot();
        Assert.True(snapshot.TryGet(1, out long value) && value == 2);
    }

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void A_snapshot_stays_the_same_while_the_map_changes_grows_shrinks_and_is_cleared(MapHome home)
    {
        using MapUnderTest<long, long> under = new(home);
        StateMap<long, long> map = under.Map;
        Fill(map, 5_000);
        map.SetUserWord(2, 77);
        using MapSnapshot<long, long> first = map.CreateSnapshot();
        map.SetUserWord(2, 78);
        for (long key = 0; key < 2_500; key++)
        {
            map.Put(key, -1);
            map.Remove(key + 2_500);
        }

        using MapSnapshot<long, long> second = map.CreateSnapshot();
        Fill(map, 50_000);
        for (long key = 1; key < 50_000; key++)
        {
            map.Remove(key);
        }

        using MapSnapshot<long, long> third = map.CreateSnapshot();
        map.Clear();
        AssertHas(first, 5_000, key => key);
        AssertHas(second, 2_500, _ => -1);
        AssertHas(third, 1, key => key);
        Assert.Equal(77, first.UserWord(2));
        Assert.Equal(78, second.UserWord(2));
        Assert.False(first.ContainsKey(5_000));
        Assert.False(second.ContainsKey(2_500));
        Assert.Equal(0, map.Count);
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_snapshot_of_a_growing_map_does_not_make_the_map_larger(MapWriters writers)
    {
        using StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { Writers = writers, InitialCapacity = 5_000 });
        long capacity = map.Capacity;
        long key = 0;
        while (map.Capacity == capacity)
        {
            map.Put(key, key++);
        }

        long grown = map.Capacity;
        map.CreateSnapshot().Dispose();
        Assert.Equal(grown, map.Capacity);
    }

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void A_snapshot_outlives_the_map(MapHome home)
    {
        using MapUnderTest<long, long> under = new(home);
        Fill(under.Map, 3_000);
        MapSnapshot<long, long> snapshot = under.Map.CreateSnapshot();
        Assert.Equal(under.Map.Directory, snapshot.Directory);
        under.Map.Dispose();
        AssertHas(snapshot, 3_000, key => key);
        MapSnapshot<long, long>.Enumerator entries = snapshot.GetEnumerator();
        Assert.True(entries.MoveNext());
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => entries.MoveNext());
    }

    [Fact]
    public void A_snapshot_during_growth_has_migrated_and_unmigrated_entries()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(20_000);
        long capacity = map.Capacity;
        long entries = 0;
        for (; map.Capacity == capacity; entries++)
        {
            map.Put(entries, entries);
        }

        using MapSnapshot<long, long> snapshot = map.CreateSnapshot();
        Fill(map, entries, step: -1);
        AssertHas(snapshot, entries, key => key);
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Another_process_reads_the_map_during_a_snapshot_and_the_next_writer_continues(MapWriters writers)
    {
        using (StateMap<long, long> map = Open(writers))
        {
            Fill(map, 4_000);
            using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
            using MapSnapshot<long, long> snapshot = map.CreateSnapshot();
            Assert.Equal(4_000, reader.CountByEnumeration());
            map.Put(1, 5);
            Assert.True(reader.TryGet(1, out long value) && value == 5);
            Assert.True(reader.TryGet(3_999, out value) && value == 3_999);
            Assert.True(snapshot.TryGet(1, out value) && value == 1);
        }

        using StateMap<long, long> again = Open(writers);
        Assert.Equal(4_000, again.CountByEnumeration());
        Assert.True(again.TryGet(1, out long last) && last == 5);
        for (int i = 0; i < 64 * 100; i++)
        {
            again.Put(1, i);
        }

        Assert.Single(Directory.GetFiles(_directory.Path, "table.*"));
    }

    [Fact]
    public void A_snapshot_that_was_not_disposed_leaves_the_map_as_it_is()
    {
        using StateMap<long, long> map = Open(MapWriters.One);
        Fill(map, 1_000);
        for (int turn = 0; turn < 20; turn++)
        {
            Assert.Equal(1_000, map.CreateSnapshot().Count);
            map.Put(turn, -1);
        }

        Assert.Equal(1_000, map.CountByEnumeration());
    }

    private static void Fill(StateMap<long, long> map, long entries, long step = 1)
    {
        for (long key = 0; key < entries; key++)
        {
            map.Put(key, key * step);
        }
    }

    private static void AssertHas(MapSnapshot<long, long> snapshot, long entries, Func<long, long> valueOf)
    {
        Assert.Equal(entries, snapshot.Count);
        Dictionary<long, long> found = snapshot.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.Equal(entries, found.Count);
        for (long key = 0; key < entries; key++)
        {
            Assert.True(snapshot.TryGet(key, out long value) && value == valueOf(key) && found[key] == value, $"key {key}");
        }
    }

    private StateMap<long, long> Open(MapWriters writers) =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers });
}
