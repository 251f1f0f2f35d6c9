using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Map;
using Estream.Queue;
using Estream.Replication.Internal;
using Estream.Replication.Tests.Brokers;
using Estream.Testing;

namespace Estream.Replication.Tests.Maps;

/// <summary>Maps on three brokers.</summary>
[Collection(BrokerCollection.Name)]
public sealed class BrokerMapTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly BrokerCluster _brokers;
    private readonly RabbitReplication _replication;
    private readonly MapSites _sites;

    public BrokerMapTests(BrokerCluster brokers)
    {
        _brokers = brokers;
        _replication = new RabbitReplication(brokers.NewCluster());
        _sites = new MapSites(_folder, () => _replication.StreamsOf("settings"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Confirmed_changes_survive_a_killed_broker_and_a_takeover_and_replaced_feeds_are_deleted()
    {
        await using MapPublisher owner = _sites.Own("a", minFeedBytes: 1);
        MapFollower follower = _sites.Follow("b");
        for (int i = 0; i < 2_000; i++)
        {
            lock (owner.Writing)
            {
                _ = owner.Map.Put(BitConverter.GetBytes(i % 300), new byte[50]);
            }

            if (i % 500 == 499)
            {
                await owner.WaitConfirmedAsync();
            }
        }

        _brokers.Nodes[0].Kill();
        lock (owner.Writing)
        {
            _ = owner.Map.Put("last"u8, "1"u8);
        }

        await owner.WaitConfirmedAsync();
        _sites.WaitUntilEqual(owner, "b");
        string[] confirmed = MapSites.Read(owner.Map);
        Assert.True(await follower.TakeOverAsync());
        await follower.DisposeAsync();
        BrokerCluster.Start([_brokers.Nodes[0]]);

        await using MapPublisher successor = _sites.Own("b");
        Assert.Equal(confirmed, MapSites.Read(successor.Map));
        await using MapFollower fresh = _sites.Follow("c");
        _ = successor.Map.Put("more"u8, "2"u8);
        await successor.WaitConfirmedAsync();
        _sites.WaitUntilEqual(successor, "c");
    }

    [Fact]
    public async Task The_operation_map_sync_runs_on_the_brokers()
    {
        using EstreamQueue changes = EstreamQueue.Open(_folder.Combine("changes"));
        using QueueChangeSink sink = new(changes);
        using VersionedByteMap map = VersionedByteMap.Open(_folder.Combine("map"), new ByteMapOptions { Changes = sink });
        _ = map.Put("before"u8, "1"u8);
        RabbitReplicationEngine engine = new(_replication);
        OperationMap source = OperationMap.Of(map);
        using (IReplica replica = engine.OpenMap("settings", source, changes))
        {
            _ = map.Put("first"u8, "2"u8);
            _ = map.Remove("before"u8);
            Assert.Equal(1, replica.Advance(1).Messages);
            Assert.Equal(1, replica.Advance(10).Messages);
        }

        _ = map.Put("between"u8, "3"u8);
        using IReplica again = engine.OpenMap("settings", source, changes);
        await using MapFollower follower = _replication.FollowMap("settings", _folder.Combine("copy"), _folder.Combine("feeds"));
        Eventually.True(
            () =>
            {
                _ = again.Advance(10);
                using VersionedByteMap copy = VersionedByteMap.OpenReadOnly(_folder.Combine("copy"));
                return MapSites.Read(copy).SequenceEqual(MapSites.Read(map));
            },
            "the replica has the entries of the map");

        using ByteMap plain = ByteMap.Open(_folder.Combine("plain"));
        _ = Assert.Throws<NotSupportedException>(() => engine.OpenMap("plain", OperationMap.Of(plain), changes));
    }
}
