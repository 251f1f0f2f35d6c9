using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Batches of a versioned map: their refusals, their requirements, and the versions of their entries.</summary>
public sealed class VersionedBatchTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_versioned_batch_refuses_invalid_arguments(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(StateMap.MaxBatchKeys + 1));
        VersionedBatch<long, long> batch = map.CreateBatch(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.RequireVersion(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Put(1, 1, TimeSpan.Zero));
        Assert.Equal((0, 1), (batch.Count, batch.Capacity));
        batch.Put(1, 1);
        Assert.Throws<InvalidOperationException>(() => batch.Put(2, 2));
        batch.Dispose();
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Commit());
        using VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.Throws<InvalidOperationException>(() => reader.CreateBatch());
        Assert.Equal(0, map.Count);
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Commit_changes_nothing_and_uses_no_version_unless_every_required_version_holds(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        long first = map.Put(1, 10);
        long second = map.Put(2, 20, TimeSpan.FromSeconds(1));
        using VersionedBatch<long, long> batch = map.CreateBatch();
        foreach ((long key, long version) in new[] { (1L, first + 1), (1L, 0L), (2L, first), (3L, 1L) })
        {
            batch.Clear();
            batch.Put(1, 11);
            batch.Remove(2);
            batch.Put(3, 33);
            batch.RequireVersion(key, version);
            Assert.False(batch.Commit());
            Assert.True(map.TryGet(1, out long value, out long now) && value == 10 && now == first);
            Assert.True(map.ContainsKey(2) && !map.ContainsKey(3));
        }

        // An expired entry is absent.
        _clock.Pass(TimeSpan.FromSeconds(2));
        batch.Clear();
        batch.RequireVersion(1, first);
        batch.RequireVersion(2, 0);
        batch.RequireVersion(3, 0);
        batch.Put(1, 11);
        batch.Put(3, 33, TimeSpan.FromSeconds(1));
        batch.Remove(2);
        _sink.Events.Clear();
        Assert.True(batch.Commit());
        Assert.Equal([MapChangeKind.Put, MapChangeKind.Expire, MapChangeKind.Put],
            _sink.Events.OrderBy(change => BitConverter.ToInt64(change.Key)).Select(change => change.Kind));
        Assert.True(map.TryGetEntry(1, out VersionedEntry<long, long> one) && one.Value == 11 && one.Version > first && one.ExpiresAt == 0);
        Assert.True(map.TryGetEntry(3, out VersionedEntry<long, long> three) && three.Value == 33 && three.ExpiresAt == _clock.UtcNanos
            + 1_000_000_000);
        Assert.Equal(2, map.Count);
        Assert.True(map.CompareExchange(1, one.Version, 12, out _));
        Assert.True(second < map.Put(2, 0));
        _clock.Pass(TimeSpan.FromSeconds(2));
        Assert.False(map.ContainsKey(3));
    }

    /// <summary>Every put of a key gets a version above all earlier versions of the key, with batches and without, through closing and
    /// growing.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_key_never_gets_the_same_version_twice(MapWriters writers)
    {
        const int Keys = 200;
        long[] highest = new long[Keys];
        Random random = new(5);
        for (int opening = 0; opening < 4; opening++)
        {
            using VersionedMap<long, long> map = Open(writers);
            using VersionedBatch<long, long> batch = map.CreateBatch(Keys);
            for (int round = 0; round < 20; round++)
            {
                for (long key = 0; key < Keys; key++)
                {
                    if (random.Next(3) == 0)
                    {
                        batch.Remove(key);
                    }
                    else
                    {
                        batch.Put(key, round);
                    }
                }

                Assert.True(batch.Commit());
                foreach (VersionedEntry<long, long> entry in map)
                {
                    Assert.True(entry.Version > highest[entry.Key]);
                    highest[entry.Key] = entry.Version;
                }

                long single = random.Next(Keys);
                long version = map.Put(single, -1);
                Assert.True(version > highest[single]);
                highest[single] = version;
            }
        }
    }

    private VersionedMap<long, long> Open(MapWriters writers) =>
        VersionedMap.Open<long, long>(_directory.Path,
            new MapOptions { InitialCapacity = 0, Writers = writers, Clock = _clock, Changes = _sink });
}
