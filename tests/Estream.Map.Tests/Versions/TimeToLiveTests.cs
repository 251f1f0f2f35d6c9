using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Entries that expire are never returned after their expiry, and are removed sooner or later.</summary>
public sealed class TimeToLiveTests : IDisposable
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void An_entry_is_present_until_it_expires(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        using VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(_directory.Path, new MapOptions { Clock = _clock });
        long version = map.Put(1, 10, s_second);
        map.Put(2, 20);
        _clock.PassNanos(999_999_999);
        Assert.True(map.TryGet(1, out long value, out long seen));
        Assert.Equal((10, version), (value, seen));
        Assert.True(reader.TryGetEntry(1, out VersionedEntry<long, long> entry));
        Assert.Equal(_clock.UtcNanos + 1, entry.ExpiresAt);
        _clock.PassNanos(1);
        foreach (VersionedMap<long, long> one in new[] { map, reader })
        {
            Assert.False(one.TryGet(1, out value, out seen));
            Assert.Equal((0, 0), (value, seen));
            Assert.False(one.TryGetEntry(1, out _));
            Assert.False(one.ContainsKey(1));
            Assert.Equal([2], one.Select(each => each.Key));
        }

        Assert.Equal(2, map.Count);
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void An_expired_entry_is_absent_for_writers_and_its_version_is_invalid(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        long version = 0;
        foreach (Func<bool> change in new Func<bool>[]
        {
            () => map.CompareExchange(1, version, 11, out long now) || now != 0,
            () => map.Remove(1, version),
            () => map.Remove(1),
            () => map.Touch(1, s_second),
        })
        {
            version = map.Put(1, 10, s_second);
            _clock.Pass(s_second);
            Assert.False(change());
            Assert.Equal(0, map.Count);
        }

        version = map.Put(1, 10, s_second);
        _clock.Pass(s_second);
        Assert.True(map.CompareExchange(1, 0, 11, out long next));
        Assert.True(next > version);
        Assert.Equal(1, map.Count);
    }

    [Fact]
    public void The_expiry_of_an_entry_can_be_changed_and_removed()
    {
        using VersionedMap<long, long> map = Open(MapWriters.One);
        long version = map.Put(1, 10, s_second);
        _clock.Pass(s_second / 2);
        Assert.True(map.Touch(1, s_second));
        _clock.Pass(s_second / 2);
        Assert.True(map.TryGet(1, out _, out long same));
        Assert.Equal(version, same);
        Assert.True(map.Touch(1, null));
        _clock.Pass(TimeSpan.FromDays(10_000));
        Assert.True(map.ContainsKey(1));
        map.Put(1, 10, s_second);
        map.Put(1, 11);
        _clock.Pass(TimeSpan.FromDays(10_000));
        Assert.True(map.ContainsKey(1));
        map.Put(1, 11, TimeSpan.MaxValue);
        _clock.Pass(TimeSpan.FromDays(10_000));
        Assert.True(map.ContainsKey(1));
    }

    /// <summary>The documented effect of setting the clock: entries expire earlier or later by the same amount.</summary>
    [Fact]
    public void Setting_the_clock_shifts_the_expiry()
    {
        using VersionedMap<long, long> map = Open(MapWriters.One);
        long version = map.Put(1, 10, s_second);
        _clock.Pass(TimeSpan.FromDays(1));
        Assert.False(map.ContainsKey(1));
        _clock.Pass(TimeSpan.FromDays(-1));
        Assert.True(map.TryGet(1, out _, out long again));
        Assert.Equal(version, again);
        _clock.Pass(TimeSpan.FromDays(1));
        Assert.Equal(1, map.RemoveExpired());
        _clock.Pass(TimeSpan.FromDays(-1));
        Assert.False(map.ContainsKey(1));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_sweep_removes_all_expired_entries_at_once(MapWriters writers)
    {
        using VersionedMap<long, long> map = Open(writers);
        for (long key = 0; key < 10_000; key++)
        {
            map.Put(key, key, key % 3 == 0 ? null : s_second * (key % 3));
        }

        Assert.Equal(0, map.RemoveExpired());
        _clock.Pass(s_second);
        Assert.Equal(3_333, map.RemoveExpired());
        _clock.Pass(s_second);
        Assert.Equal(3_333, map.RemoveExpired());
        Assert.Equal(3_334, map.Count);
        Assert.Equal(3_334, map.Count(entry => entry.Version > 0));
    }

    /// <summary>Writes to a map full of expired entries remove these entries incidentally. The map grows no further than the live entries
    /// need, and shrinks.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Writes_remove_expired_entries_incidentally(MapWriters writers)
    {
        const int Lifetime = 1_000;
        using VersionedMap<long, long> map = Open(writers);
        long largest = 0;
        for (long key = 0; key < 30_000; key++)
        {
            map.Put(key, key, TimeSpan.FromTicks(Lifetime));
            _clock.Pass(TimeSpan.FromTicks(1));
            largest = Math.Max(largest, map.Count);
        }

        Assert.InRange(largest, Lifetime, 4 * Lifetime);
        _clock.Pass(s_second);
        long slots = map.GetStatistics().Slots;
        for (long turn = 0; turn < slots; turn++)
        {
            map.Put(1, turn);
        }

        Assert.Equal(1, map.Count);
    }

    /// <summary>A map that is overwritten repeatedly and has no entry with an expiry does not search for expired ones.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_write_succeeds_when_the_sink_refuses_the_removal_of_an_expired_entry(MapWriters writers)
    {
        NothingExpires sink = new();
        using VersionedMap<long, long> map =
            VersionedMap.Open<long, long>(_directory.Path, new MapOptions { Writers = writers, Clock = _clock, Changes = sink });
        map.Put(1, 10, s_second);
        _clock.Pass(s_second);
        for (long turn = 2; turn < 100_000 && sink.Refused < 3; turn++)
        {
            map.Put(2, turn);
            Assert.True(map.TryGet(2, out long value, out _));
            Assert.Equal(turn, value);
            Assert.True(map.Remove(2));
        }

        Assert.Equal((3, 1), (sink.Refused, map.Count));
        Assert.Throws<TimeoutException>(() => map.RemoveExpired());
    }

    [Fact]
    public void A_map_without_expiring_entries_does_not_search_for_them()
    {
        using VersionedMap<long, long> map = Open(MapWriters.One);
        for (long key = 0; key < 1_000; key++)
        {
            map.Put(key, key);
        }

        byte[] meta = File.ReadAllBytes(Path.Combine(_directory.Path, MapFormat.MetaFile));
        Assert.Equal(0, BitConverter.ToInt64(meta, MetaLayout.SweptRuns));
        Assert.Equal(0, BitConverter.ToInt64(meta, MetaLayout.HasExpiring));
        map.Put(1, 1, s_second);
        Assert.True(map.Touch(2, s_second));
        Assert.Equal(1, BitConverter.ToInt64(File.ReadAllBytes(Path.Combine(_directory.Path, MapFormat.MetaFile)), MetaLayout.HasExpiring));
    }

    private VersionedMap<long, long> Open(MapWriters writers) =>
        VersionedMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers, Clock = _clock });
}
