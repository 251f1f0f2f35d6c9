using Estream.Compatibility.Support;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Maps of earlier builds with versions and expiry, and with a change feed.</summary>
public sealed class StampedMapFilesTests
{
    private static readonly SteppingClock s_clock = new();

    [Fact]
    public void Versioned_map_keeps_versions_and_expiry()
    {
        using OldFiles files = OldFiles.Unpack(2, "map-stamps");
        string[] words = files.Report[^1].Split(' ');
        (long operations, long keys, long highest) = (long.Parse(words[1]), long.Parse(words[3]), long.Parse(words[5]));
        Assert.Throws<EstreamFormatException>(() => StateMap.Open<long, long>(files.Path));
        using (VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(files.Path, new MapOptions { Clock = s_clock }))
        {
            AssertIs(reader, operations, keys, highest);
        }

        using VersionedMap<long, long> map = VersionedMap.Open<long, long>(files.Path, new MapOptions { Clock = s_clock });
        AssertIs(map, operations, keys, highest);
        Assert.False(map.HostCrashed);
        VersionedEntry<long, long> entry = map.First();
        Assert.False(map.CompareExchange(entry.Key, entry.Version + 1, 1, out _));
        Assert.True(map.CompareExchange(entry.Key, entry.Version, 1, out long next));
        Assert.True(next > entry.Version);
        using VersionedMap<long, long> later = VersionedMap.OpenReadOnly<long, long>(files.Path);
        Assert.DoesNotContain(later, each => each.ExpiresAt != 0);
    }

    [Fact]
    public void Map_with_a_change_feed_continues_the_feed()
    {
        using OldFiles files = OldFiles.Unpack(2, "map-feed");
        string[] words = files.Report[^1].Split(' ');
        Assert.Throws<InvalidOperationException>(() => StateMap.Open<long, long>(MapScript.MapOf(files.Path)));
        using EstreamQueue feed = EstreamQueue.Open(MapScript.FeedOf(files.Path));
        using QueueChangeSink sink = new(feed);
        using StateMap<long, long> map = StateMap.Open<long, long>(MapScript.MapOf(files.Path), new MapOptions { Changes = sink });
        Dictionary<long, long> model = MapScript.After(long.Parse(words[1]), long.Parse(words[3]));
        Assert.Equal(model.Select(pair => (pair.Key, pair.Value * 5)).Order(), map.Select(pair => (pair.Key, pair.Value)).Order());
        map.Put(1_000, 1);
        map.Remove(model.Keys.Min());
        Assert.Equal(map.OrderBy(pair => pair.Key), Replay(feed).OrderBy(pair => pair.Key));
    }

    private static void AssertIs(VersionedMap<long, long> map, long operations, long keys, long highest)
    {
        Dictionary<long, long> model = MapScript.After(operations, keys);
        Assert.Equal(operations, map.UserWord(MapScript.DoneWord));
        Assert.Equal(
            model.Select(pair => (pair.Key, pair.Value * 5, EndOf(pair.Value))).Order(),
            map.Select(entry => (entry.Key, entry.Value, entry.ExpiresAt)).Order());
        Assert.All(map, entry => Assert.InRange(entry.Version, 1, highest));
        Assert.Equal(model.Count, map.Select(entry => entry.Version).Distinct().Count());
    }

    private static long EndOf(long operation) =>
        MapScript.TimeToLiveOf(operation) is { } time ? s_clock.UtcNanos + (time.Ticks * TimeSpan.NanosecondsPerTick) : 0;

    private static Dictionary<long, long> Replay(EstreamQueue feed)
    {
        Dictionary<long, long> map = [];
        using QueueTailer tailer = feed.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(MapChange.TryRead(message.Payload, out MapChange change));
            if (change.Kind == MapChangeKind.Put)
            {
                map[BitConverter.ToInt64(change.Key)] = BitConverter.ToInt64(change.Value);
            }
            else
            {
                map.Remove(BitConverter.ToInt64(change.Key));
            }
        }

        return map;
    }
}
