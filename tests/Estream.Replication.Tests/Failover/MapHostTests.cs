using System.Collections.Concurrent;
using Estream.Client;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Failover;

/// <summary>Hosts that replicate a map through real brokers, and are killed.</summary>
[Collection(BrokerCollection.Name)]
public sealed class MapHostTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly MapHosts _hosts;

    public MapHostTests(BrokerCluster brokers) => _hosts = new MapHosts(brokers.NewCluster(), _folder);

    public void Dispose()
    {
        _hosts.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_replica_says_how_old_it_is_and_refuses_changes_with_the_name_of_the_owner()
    {
        HostProcess owner = _hosts.StartOwner("a").WaitUntilReady();
        HostProcess replica = _hosts.StartFollower("b").WaitUntilReady();
        await using EstreamClient atOwner = await _hosts.ConnectAsync("a");
        long version = await atOwner.Map("settings").PutAsync("limit", "1"u8.ToArray());
        await WaitUntilEqualAsync("a", "b");

        await using EstreamClient atReplica = await _hosts.ConnectAsync("b");
        RemoteMap read = atReplica.Map("settings");
        RemoteMapInfo info = await read.GetInfoAsync();
        Assert.Equal((RemoteMapRole.Replica, "a", true), (info.Role, info.Owner, info.IsComplete));
        Assert.Equal(RemoteMapRole.Owner, (await atOwner.Map("settings").GetInfoAsync()).Role);
        await Eventually.TrueAsync(async () => (await read.GetInfoAsync()).AsOf > info.AsOf, "the age of the replica is known");
        EstreamClientException refused = await Assert.ThrowsAsync<EstreamClientException>(
            async () => await read.CompareExchangeAsync("limit", version, "2"u8.ToArray()));
        Assert.Equal(ClientStatus.Forbidden, refused.Status);
        Assert.Contains("owner, host 'a'", refused.Message, StringComparison.Ordinal);

        MapEntry? seen = await read.GetAsync("limit");
        Assert.True((await atOwner.Map("settings").CompareExchangeAsync("limit", seen!.Value.Version, "2"u8.ToArray())).IsDone);
        Assert.True(Shows(owner, "\"kind\":\"map\""));
        Eventually.True(() => Shows(replica, "\"role\":\"follower\",\"state\":\"running\""), "the replica is healthy");
    }

    [Fact]
    public async Task Killed_owners_and_followers_continue_and_no_acknowledged_change_is_lost()
    {
        HostProcess owner = _hosts.StartOwner("a").WaitUntilReady();
        HostProcess follower = _hosts.StartFollower("b").WaitUntilReady();
        ConcurrentDictionary<string, long> acknowledged = [];
        for (int round = 0; round < LongRun.Count(2, 20); round++)
        {
            await LoadAsync("a", acknowledged, round, () =>
            {
                (round % 2 == 0 ? follower : owner).Kill();
            });
            if (round % 2 == 0)
            {
                follower = _hosts.StartFollower("b").WaitUntilReady();
            }
            else
            {
                owner = _hosts.StartOwner("a").WaitUntilReady();
            }
        }

        await using EstreamClient client = await _hosts.ConnectAsync("a");
        _ = await client.Map("settings").PutAsync("end", "1"u8.ToArray());
        await WaitUntilEqualAsync("a", "b");
        await RequireAsync("b", acknowledged);
    }

    [Fact]
    public async Task A_standby_takes_over_the_map_of_a_killed_host_with_every_acknowledged_change()
    {
        HostProcess first = _hosts.StartAuto("a").WaitUntilReady();
        HostProcess second = _hosts.StartAuto("b");
        Eventually.True(() => Shows(second, "\"role\":\"follower\",\"state\":\"running\""), "the standby follows");
        ConcurrentDictionary<string, long> acknowledged = [];
        await LoadAsync("a", acknowledged, 0, first.Kill);
        _ = second.WaitUntilReady();
        await RequireAsync("b", acknowledged);
        await LoadAsync("b", acknowledged, 1, () => { });

        HostProcess again = _hosts.StartAuto("a");
        Eventually.True(() => Shows(again, "\"role\":\"follower\",\"state\":\"running\""), "the former owner follows");
        second.Kill();
        _ = again.WaitUntilReady();
        await RequireAsync("a", acknowledged);
    }

    private static bool Shows(HostProcess host, string text)
    {
        _ = host.Health();
        return host.HealthText.Contains(text, StringComparison.Ordinal);
    }

    // Changes the map and kills a host in the middle of the load.
    private async Task LoadAsync(string host, ConcurrentDictionary<string, long> acknowledged, int round, Action kill)
    {
        const int Changes = 400;
        await using EstreamClient client = await _hosts.ConnectAsync(host);
        RemoteMap map = client.Map("settings");
        int count = 0;
        await Parallel.ForAsync(0, 4, async (writer, cancellation) =>
        {
            try
            {
                for (int i = 0; i < Changes / 4; i++)
                {
                    string key = $"{round}-{writer}-{i}";
                    acknowledged[key] = await map.PutAsync(key, new byte[20], cancellation: cancellation);
                    if (Interlocked.Increment(ref count) == Changes / 2)
                    {
                        kill();
                    }
                }
            }
            catch (EstreamClientException)
            {
                // The host was killed: the result of the last change is not known.
            }
        });
        Assert.InRange(count, Changes / 2, Changes);
    }

    private async Task RequireAsync(string host, ConcurrentDictionary<string, long> acknowledged)
    {
        await using EstreamClient client = await _hosts.ConnectAsync(host);
        foreach ((string key, long version) in acknowledged)
        {
            MapEntry? entry = await client.Map("settings").GetAsync(key);
            Assert.Equal(version, entry?.Version);
        }
    }

    private async Task WaitUntilEqualAsync(string owner, string replica)
    {
        List<string> expected = await _hosts.ReadAsync(owner);
        await Eventually.TrueAsync(async () => (await _hosts.ReadAsync(replica)).SequenceEqual(expected),
            $"'{replica}' has the entries of '{owner}'");
    }
}
