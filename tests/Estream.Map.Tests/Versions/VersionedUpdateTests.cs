using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Reading and changing an entry with a version, which may have expired, in one step.</summary>
public sealed class VersionedUpdateTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void An_update_that_throws_or_returns_an_invalid_decision_changes_nothing(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        long version = map.Put(1, 10);
        FixedAnswer<long> nonsense = new((EntryChange)3, 99);
        FixedAnswer<long> put = new(EntryChange.Put, 99);
        foreach (long key in new long[] { 1, 2 })
        {
            Assert.Contains("Keep, Put or Remove",
                Assert.Throws<InvalidOperationException>(() => map.Update(key, ref nonsense, out _)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>(() => map.Update(key, ref put, out _, TimeSpan.Zero));
        }

        Assert.True(map.TryGet(1, out long value, out long same) && value == 10 && same == version);
        Assert.Equal(1, map.Count);
        using VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.Throws<InvalidOperationException>(() => reader.Update(1, ref put, out _));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Update_applies_each_decision_and_returns_the_version(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        FixedAnswer<long> remove = new(EntryChange.Remove, 0);
        FixedAnswer<long> keep = new(EntryChange.Keep, 5);
        FixedAnswer<long> put = new(EntryChange.Put, 7);
        Assert.Equal((EntryChange.Keep, 0L), (map.Update(1, ref remove, out long version), version));
        Assert.Equal((EntryChange.Keep, 0L), (map.Update(1, ref keep, out version), version));
        Assert.False(keep.WasThere);
        Assert.Equal(EntryChange.Put, map.Update(1, ref put, out long first, s_second));
        Assert.True(map.TryGetEntry(1, out VersionedEntry<long, long> entry));
        Assert.Equal(new VersionedEntry<long, long>(1, 7, first, _clock.UtcNanos + 1_000_000_000), entry);
        Assert.Equal((EntryChange.Keep, first), (map.Update(1, ref keep, out version), version));
        Assert.True(keep.WasThere && keep.Saw == 7);
        Assert.Equal(EntryChange.Put, map.Update(1, ref put, out long second));
        Assert.True(second > first && map.TryGetEntry(1, out entry) && entry.ExpiresAt == 0);
        Assert.Equal((EntryChange.Remove, 0L), (map.Update(1, ref remove, out version), version));
        Assert.Equal(0, map.Count);
        Assert.Equal(EntryChange.Put, map.Update(1, ref put, out long third));
        Assert.True(third > second);
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Update_treats_an_expired_entry_as_absent(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        foreach (EntryChange answer in new[] { EntryChange.Keep, EntryChange.Remove, EntryChange.Put })
        {
            long before = map.Put(1, 10, s_second);
            _clock.Pass(s_second);
            FixedAnswer<long> update = new(answer, 3);
            bool isPut = answer == EntryChange.Put;
            Assert.Equal(isPut ? EntryChange.Put : EntryChange.Keep, map.Update(1, ref update, out long version));
            Assert.False(update.WasThere);
            Assert.Equal(0, update.Saw);
            Assert.Equal(isPut, version > before);
            Assert.Equal(isPut ? 1 : 0, map.Count);
        }
    }

    /// <summary>No other writer intervenes, and each increment has its own version.</summary>
    [Fact]
    public void Concurrent_updates_lose_no_increment()
    {
        using VersionedMap<long, long> first = Open(MapWriters.Many);
        using VersionedMap<long, long> second = Open(MapWriters.Many);
        int turns = LongRun.Count(3_000, 40_000);
        long[][] versions = new long[4][];
        Parallel.For(0, versions.Length, thread =>
        {
            CountUp one = default;
            versions[thread] = new long[turns];
            for (int turn = 0; turn < turns; turn++)
            {
                (thread % 2 == 0 ? first : second).Update(turn % 3, ref one, out versions[thread][turn]);
            }
        });
        Assert.Equal(versions.Length * turns, first.Sum(entry => entry.Value));
        Assert.All(Enumerable.Range(0, 3), key =>
        {
            long[] ofKey = [.. versions.SelectMany(each => each.Where((_, turn) => turn % 3 == key))];
            Assert.Equal(ofKey.Length, ofKey.Distinct().Count());
        });
    }

    private VersionedMap<long, long> Open(MapWriters writers) =>
        VersionedMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers, Clock = _clock });

    private struct CountUp : IEntryUpdate<long>
    {
        public readonly EntryChange Decide(bool isThere, ref long value)
        {
            value++;
            return EntryChange.Put;
        }
    }
}
