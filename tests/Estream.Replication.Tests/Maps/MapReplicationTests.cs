using System.Globalization;
using Estream.Core;
using Estream.Map;
using Estream.Testing;

namespace Estream.Replication.Tests.Maps;

/// <summary>Owners and followers of a map, without brokers.</summary>
public sealed class MapReplicationTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly MemoryLogs _logs = new();
    private readonly MapSites _sites;

    public MapReplicationTests() => _sites = MapSites.InMemory(_folder, _logs);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_replica_has_keys_values_versions_and_expiries_of_its_owner_and_says_how_old_it_is()
    {
        using (VersionedByteMap before = VersionedByteMap.Open(_folder.Combine("a", "map")))
        {
            _ = before.Put("kept"u8, "1"u8);
            _ = before.Put("expiring"u8, "2"u8, TimeSpan.FromHours(1));
        }

        await using MapPublisher owner = _sites.Own("a");
        await using MapFollower follower = _sites.Follow("b");
        _ = owner.Map.Put("new"u8, "3"u8);
        _ = owner.Map.Put("kept"u8, "4"u8);
        _ = owner.Map.Touch("new"u8, TimeSpan.FromHours(2));
        _ = owner.Map.Put("gone"u8, "5"u8);
        _ = owner.Map.Remove("gone"u8);
        await owner.WaitConfirmedAsync();
        _sites.WaitUntilEqual(owner, "b");

        MapReplicaStatus status = follower.GetStatus();
        Assert.Equal(("a", true), (status.Owner, status.IsComplete));
        Assert.InRange(status.Staleness!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        long asOf = status.AsOf;
        Eventually.True(() => follower.GetStatus().AsOf > asOf, "the heartbeat of an owner without changes advances the time");

        _logs.IsDown = true;
        TimeSpan stale = follower.GetStatus().Staleness!.Value;
        Eventually.True(() => follower.GetStatus().Staleness > stale + TimeSpan.FromMilliseconds(200), "a cut off replica becomes stale");
        _logs.IsDown = false;
    }

    [Fact]
    public async Task A_replica_that_was_away_while_the_feed_was_replaced_loses_the_keys_that_were_removed()
    {
        await using MapPublisher owner = _sites.Own("a", minFeedBytes: 1);
        await using (MapFollower early = _sites.Follow("b"))
        {
            lock (owner.Writing)
            {
                _ = owner.Map.Put("first"u8, "1"u8);
                _ = owner.Map.Put("second"u8, "2"u8);
            }

            _sites.WaitUntilEqual(owner, "b");
        }

        string[] streams = _logs.Names;
        lock (owner.Writing)
        {
            _ = owner.Map.Remove("first"u8);
        }

        Fill(owner, 2_000);
        Eventually.True(() => _logs.Names is { Length: 2 } now && !now.Order().SequenceEqual(streams.Order()),
            "the first stream is replaced");
        await using MapFollower late = _sites.Follow("b");
        _sites.WaitUntilEqual(owner, "b");
        await using MapFollower fresh = _sites.Follow("c");
        _sites.WaitUntilEqual(owner, "c");
    }

    [Fact]
    public async Task Changes_during_the_replacement_of_a_feed_are_on_the_replica_and_on_the_restarted_owner()
    {
        await using MapFollower follower = _sites.Follow("b");
        string[] expected;
        await using (MapPublisher owner = _sites.Own("a", minFeedBytes: 1))
        {
            HashSet<string> feeds = [];
            for (int round = 0; feeds.Count < 4; round++)
            {
                Fill(owner, 500, round);
                feeds.UnionWith(_logs.Feeds);
                if (round % 16 == 15)
                {
                    // Without a limit, the writer fills the disk on a busy machine, because the feed grows faster than it is replaced.
                    await owner.WaitConfirmedAsync();
                }
            }

            await owner.WaitConfirmedAsync();
            _sites.WaitUntilEqual(owner, "b");
            expected = MapSites.Read(owner.Map);
        }

        await using MapPublisher again = _sites.Own("a");
        Assert.Equal(expected, MapSites.Read(again.Map));
        _ = again.Map.Put("after"u8, "1"u8);
        await again.WaitConfirmedAsync();
        _sites.WaitUntilEqual(again, "b");
    }

    [Fact]
    public async Task A_feed_is_replaced_while_writers_never_pause()
    {
        MemoryLogs slow = new() { StoreTime = TimeSpan.FromMilliseconds(20) };
        await using MapPublisher owner = MapSites.InMemory(_folder, slow).Own("a", minFeedBytes: 1);
        using CancellationTokenSource end = new();
        Task writing = Task.Run(() =>
        {
            for (int round = 0; !end.IsCancellationRequested; round++)
            {
                // Per StoreTime, writes more changes than FewMessages, but fewer than the streams can store.
                Fill(owner, 20, round);
                Thread.Sleep(1);
            }
        });
        HashSet<string> feeds = [];
        try
        {
            Eventually.True(() => AddFeeds() >= 3, "the feed is replaced");
        }
        finally
        {
            await end.CancelAsync();
            await writing;
        }

        int AddFeeds()
        {
            feeds.UnionWith(slow.Feeds);
            return feeds.Count;
        }
    }

    [Fact]
    public async Task A_takeover_has_every_confirmed_change_and_the_earlier_owner_can_confirm_nothing()
    {
        await using MapPublisher owner = _sites.Own("a");
        MapFollower follower = _sites.Follow("b");
        Fill(owner, 100);
        await owner.WaitConfirmedAsync();
        string[] confirmed = MapSites.Read(owner.Map);
        Assert.True(await follower.TakeOverAsync());
        await follower.DisposeAsync();

        await using MapPublisher successor = _sites.Own("b");
        Assert.Equal(confirmed, MapSites.Read(successor.Map));
        _ = await Assert.ThrowsAsync<EstreamStorageException>(async () =>
        {
            _ = owner.Map.Put("late"u8, "1"u8);
            await owner.WaitConfirmedAsync();
        });
        Eventually.True(() => owner.GetStatus().State == ReplicationState.Fenced, "the earlier owner is fenced");

        // The successor never gives a version that a confirmed entry has.
        long newest = confirmed.Max(entry => long.Parse(entry.Split(' ')[^2][1..], CultureInfo.InvariantCulture));
        Assert.Equal(newest + 1, successor.Map.Put("key 1"u8, "2"u8));
        await successor.WaitConfirmedAsync();
    }

    [Fact]
    public async Task A_former_owner_that_follows_drops_changes_that_were_never_confirmed()
    {
        MapPublisher owner = _sites.Own("a");
        MapFollower follower = _sites.Follow("b");
        _ = owner.Map.Put("confirmed"u8, "1"u8);
        await owner.WaitConfirmedAsync();
        _logs.IsDown = true;
        _ = owner.Map.Put("unconfirmed"u8, "2"u8);
        await owner.DisposeAsync();
        _logs.IsDown = false;
        Assert.True(await follower.TakeOverAsync());
        await follower.DisposeAsync();

        await using MapPublisher successor = _sites.Own("b");
        await using MapFollower former = _sites.Follow("a");
        _sites.WaitUntilEqual(successor, "a");
        Eventually.True(() => !Directory.Exists(_folder.Combine("a", "feeds~owner")), "the files of the former owner are deleted");
    }

    [Fact]
    public async Task A_former_owner_keeps_its_map_if_the_brokers_have_lost_their_streams()
    {
        long count;
        await using (MapPublisher owner = _sites.Own("a"))
        {
            Fill(owner, 10);
            await owner.WaitConfirmedAsync();
            count = owner.Map.Count;
        }

        MemoryLogs empty = new();
        MapSites sites = MapSites.InMemory(_folder, empty);
        await using (MapFollower follower = sites.Follow("a"))
        {
            Assert.False(await follower.TakeOverAsync());
        }

        await using MapPublisher again = sites.Own("a");
        Assert.Equal(count, again.Map.Count);
    }

    [Fact]
    public async Task A_map_with_entries_of_its_own_is_not_overwritten_by_a_replica()
    {
        using (VersionedByteMap other = VersionedByteMap.Open(_folder.Combine("b", "map")))
        {
            _ = other.Put("own"u8, "1"u8);
        }

        EstreamException refused = await Assert.ThrowsAnyAsync<EstreamException>(async () => await _sites.Follow("b").DisposeAsync());
        Assert.Contains("is not a replica", refused.Message, StringComparison.Ordinal);
        Assert.Single(_sites.Read("b"));
    }

    private static void Fill(MapPublisher owner, int count, int round = 0)
    {
        byte[] value = new byte[100];
        Array.Fill(value, (byte)('a' + (round % 26)));
        for (int i = 0; i < count; i++)
        {
            lock (owner.Writing)
            {
                byte[] key = System.Text.Encoding.UTF8.GetBytes($"key {i % 700}");
                _ = i % 7 == 3 ? owner.Map.Remove(key) ? 1 : 0 : owner.Map.Put(key, value);
            }
        }
    }
}
