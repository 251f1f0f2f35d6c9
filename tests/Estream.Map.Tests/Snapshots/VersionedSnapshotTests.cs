using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A snapshot of a map with versions and expiry: the state of one moment, without entries that had expired.</summary>
public sealed class VersionedSnapshotTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void CreateSnapshot_throws_for_a_reader_and_for_a_closed_map()
    {
        VersionedMap<long, long> map = Open(MapWriters.One);
        using VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => reader.CreateSnapshot()).Message,
            StringComparison.Ordinal);
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.CreateSnapshot());
    }

    [Fact]
    public void A_disposed_snapshot_throws_and_an_order_outlives_its_snapshot()
    {
        using VersionedMap<long, long> map = Open(MapWriters.One);
        map.Put(1, 10);
        map.Put(2, 20, s_second);
        VersionedMapSnapshot<long, long> snapshot = map.CreateSnapshot();
        OrderedVersionedSnapshot<long, long> ordered = snapshot.OrderByKey();
        VersionedMapSnapshot<long, long>.Enumerator entries = snapshot.GetEnumerator();
        Assert.Throws<ArgumentOutOfRangeException>(() => snapshot.UserWord(StateMap.UserWordCount));
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => snapshot.TryGet(1, out _));
        Assert.Throws<ObjectDisposedException>(() => snapshot.TryGetEntry(1, out _));
        Assert.Throws<ObjectDisposedException>(() => snapshot.UserWord(0));
        Assert.Throws<ObjectDisposedException>(() => entries.MoveNext());
        Assert.Equal([10L, 20], ordered.Select(entry => entry.Value));
        Assert.Throws<ArgumentOutOfRangeException>(() => ordered[2]);
        ordered.Dispose();
        ordered.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ordered[0]);
        Assert.Throws<ObjectDisposedException>(() => ordered.From(1));
    }

    [Fact]
    public void Keys_that_are_not_comparable_need_a_comparer()
    {
        using VersionedMap<(int, int), long> map = VersionedMap.CreateInMemory<(int, int), long>();
        map.Put((1, 2), 1);
        map.Put((0, 3), 2);
        using VersionedMapSnapshot<(int, int), long> snapshot = map.CreateSnapshot();
        using OrderedVersionedSnapshot<(int, int), long> ordered =
            snapshot.OrderByKey(Comparer<(int, int)>.Create((left, right) => right.Item2.CompareTo(left.Item2)));
        Assert.Equal([2L, 1], ordered.Select(entry => entry.Value));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_snapshot_excludes_expired_entries_and_keeps_entries_that_expire_later(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        long kept = map.Put(1, 10);
        map.Put(2, 20, s_second);
        long later = map.Put(3, 30, s_second * 2);
        using VersionedMapSnapshot<long, long> before = map.CreateSnapshot();
        _clock.Pass(s_second);
        using VersionedMapSnapshot<long, long> snapshot = map.CreateSnapshot();
        _clock.Pass(s_second * 10);
        map.Put(1, 11);
        map.RemoveExpired();
        Assert.Equal(3, before.Count);
        Assert.True(before.TryGet(2, out long value) && value == 20);
        Assert.Equal(2, snapshot.Count);
        Assert.False(snapshot.ContainsKey(2));
        Assert.False(snapshot.TryGet(2, out value, out long version) || value != 0 || version != 0);
        Assert.False(snapshot.TryGetEntry(2, out _));
        VersionedEntry<long, long>[] expected = [new(1, 10, kept, 0), new(3, 30, later, _clock.UtcNanos - (9 * 1_000_000_000L))];
        Assert.True(snapshot.TryGetEntry(3, out VersionedEntry<long, long> entry) && entry == expected[1]);
        Assert.Equal(expected, snapshot.OrderBy(each => each.Key));
        using OrderedVersionedSnapshot<long, long> ordered = snapshot.OrderByKey();
        Assert.Equal(expected, ordered);
        Assert.Equal(2, ordered.Count);
        Assert.Equal(expected[1], ordered[1]);
        Assert.Equal(1, ordered.CountBefore(2));
        Assert.Equal([3L], ordered.From(2).Select(each => each.Key));
        Assert.Equal(1, ordered.Between(0, 3).Count);

        // A version from the snapshot does not allow a change of an entry that was changed since.
        Assert.False(map.CompareExchange(1, kept, 12, out _));
        Assert.True(snapshot.TryGet(1, out value) && value == 10);
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_snapshot_stays_the_same_while_the_map_grows_and_is_cleared_and_closed(MapWriters writers)
    {
        VersionedMapSnapshot<long, long> snapshot;
        using (VersionedMap<long, long> map = Open(writers))
        {
            for (long key = 0; key < 3_000; key++)
            {
                map.Put(key, key, key % 2 == 0 ? s_second : null);
            }

            map.SetUserWord(3, 5);
            _clock.Pass(s_second);
            snapshot = map.CreateSnapshot();
            map.SetUserWord(3, 6);
            for (long key = 0; key < 9_000; key++)
            {
                map.Put(key, -1);
            }

            map.Clear();
        }

        using (snapshot)
        {
            Assert.Equal(_directory.Path, snapshot.Directory);
            Assert.Equal(5, snapshot.UserWord(3));
            Assert.Equal(1_500, snapshot.Count);
            using OrderedVersionedSnapshot<long, long> ordered = snapshot.OrderByKey();
            Assert.Equal(Enumerable.Range(0, 1_500).Select(index => (index * 2L) + 1), ordered.Select(entry => entry.Key));
            Assert.All(ordered,
                entry => Assert.True(entry.Key == entry.Value && snapshot.TryGet(entry.Key, out _, out long version)
                    && version == entry.Version));
        }
    }

    [Fact]
    public void A_full_disk_refuses_a_snapshot_and_changes_nothing()
    {
        FullStorage storage = new();
        using VersionedMap<long, long> map =
            VersionedMap.Open<long, long>(_directory.Path, new MapOptions { Storage = storage, Clock = _clock });
        map.Put(1, 10);
        storage.IsFull = true;
        Assert.Equal(StorageFailure.DiskFull, Assert.Throws<EstreamStorageException>(() => map.CreateSnapshot()).Reason);
        Assert.True(map.TryGet(1, out long value) && value == 10);
    }

    private VersionedMap<long, long> Open(MapWriters writers) =>
        VersionedMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers, Clock = _clock });
}
