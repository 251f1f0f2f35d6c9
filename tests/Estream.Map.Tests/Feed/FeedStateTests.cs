using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A map that publishes its changes to a feed refuses a writer without a feed.</summary>
public sealed class FeedStateTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_writer_without_a_feed_is_refused_and_changes_nothing(MapWriters writers)
    {
        Told(writers).Dispose();
        byte[] before = Meta();
        string message = Assert.Throws<InvalidOperationException>(() => OpenWithoutFeed(writers)).Message;
        Assert.Contains("Changes", message, StringComparison.Ordinal);
        Assert.Contains("GivesUpChanges", message, StringComparison.Ordinal);
        Assert.Contains(_directory.Path, message, StringComparison.Ordinal);
        Assert.Equal(before, Meta());

        // The refused writer does not lock out other writers.
        using StateMap<long, long> map = Told(writers);
        Assert.True(map.Put(2, 2));
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        Assert.Equal(2, reader.Count);
    }

    [Fact]
    public void A_writer_of_a_versioned_map_without_a_feed_is_refused()
    {
        VersionedMap.Open<long, long>(_directory.Path, new MapOptions { Changes = _sink }).Dispose();
        Assert.Throws<InvalidOperationException>(() => VersionedMap.Open<long, long>(_directory.Path));
        VersionedMap.Open<long, long>(_directory.Path, new MapOptions { GivesUpChanges = true }).Dispose();
        VersionedMap.Open<long, long>(_directory.Path).Dispose();
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_writer_without_a_feed_is_refused_after_a_crash_of_the_writer(MapWriters writers)
    {
        KillableStorage storage = new();
        _ = StateMap.Open<long, long>(_directory.Path, new MapOptions { Writers = writers, Changes = _sink, Storage = storage });
        storage.Kill();
        Assert.Throws<InvalidOperationException>(() => OpenWithoutFeed(writers));
    }

    /// <summary>Only the flush made when the map was opened has reached the device.</summary>
    [Fact]
    public void A_writer_without_a_feed_is_refused_after_a_power_cut()
    {
        PowerCutStorage storage = new();
        using StateMap<long, long> map = StateMap.Open<long, long>(_directory.Path, new MapOptions { Changes = _sink, Storage = storage });
        using TempDirectory cut = new();
        storage.Cut(cut.Path, _ => false);
        Assert.Throws<InvalidOperationException>(() => StateMap.Open<long, long>(cut.Path));
    }

    [Fact]
    public void A_writer_must_use_a_feed_exactly_when_the_other_writers_do()
    {
        using (StateMap<long, long> told = Told(MapWriters.Many))
        {
            Assert.Throws<InvalidOperationException>(() => OpenWithoutFeed(MapWriters.Many));
            Assert.Contains("close the other writers", Assert.Throws<EstreamLeaseException>(() => GivingUp(MapWriters.Many)).Message,
                StringComparison.Ordinal);
            using StateMap<long, long> another = Told(MapWriters.Many);
            another.Put(3, 3);
        }

        GivingUp(MapWriters.Many).Dispose();
        using StateMap<long, long> withoutFeed = OpenWithoutFeed(MapWriters.Many);
        Assert.Contains("do not publish", Assert.Throws<EstreamLeaseException>(() => Told(MapWriters.Many)).Message,
            StringComparison.Ordinal);
        using StateMap<long, long> fellow = OpenWithoutFeed(MapWriters.Many);
        Assert.True(fellow.Put(4, 4));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_feed_that_was_ended_stays_off_until_a_writer_begins_a_new_one(MapWriters writers)
    {
        Told(writers).Dispose();
        using (StateMap<long, long> map = GivingUp(writers))
        {
            map.Put(5, 5);
        }

        Assert.DoesNotContain(_sink.Events, change => BitConverter.ToInt64(change.Key) == 5);
        OpenWithoutFeed(writers).Dispose();
        using (StateMap<long, long> map = Told(writers))
        {
            map.Put(6, 6);
        }

        Assert.Equal(6, BitConverter.ToInt64(_sink.Events[^1].Key));
        Assert.Throws<InvalidOperationException>(() => OpenWithoutFeed(writers));
    }

    [Fact]
    public void Changes_and_GivesUpChanges_together_throw() =>
        Assert.Throws<ArgumentException>(() =>
            StateMap.Open<long, long>(_directory.Path, new MapOptions { Changes = _sink, GivesUpChanges = true }));

    [Fact]
    public void A_sink_for_one_writer_is_refused_when_several_write()
    {
        RecordingSink alone = new() { IsForOneWriter = true };
        Assert.Throws<ArgumentException>(() =>
            StateMap.Open<long, long>(_directory.Path, new MapOptions { Writers = MapWriters.Many, Changes = alone }));
        Assert.Throws<ArgumentException>(() =>
            VersionedMap.Open<long, long>(_directory.Path, new MapOptions { Writers = MapWriters.Many, Changes = alone }));
        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
        StateMap.Open<long, long>(_directory.Path, new MapOptions { Changes = alone }).Dispose();
    }

    private byte[] Meta() => File.ReadAllBytes(_directory.Combine("map.meta"));

    private StateMap<long, long> Told(MapWriters writers)
    {
        StateMap<long, long> map = StateMap.Open<long, long>(_directory.Path, new MapOptions { Writers = writers, Changes = _sink });
        map.Put(1, 1);
        return map;
    }

    private StateMap<long, long> OpenWithoutFeed(MapWriters writers) =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { Writers = writers });

    private StateMap<long, long> GivingUp(MapWriters writers) =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { Writers = writers, GivesUpChanges = true });
}
