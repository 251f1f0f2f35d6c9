using System.Net;
using System.Text;
using Estream.Map;
using Estream.Replication.Internal;
using Estream.Testing;

namespace Estream.Replication.Tests.Maps;

/// <summary>Machines that replicate the map <c>settings</c>: their directories, and what their maps contain.</summary>
internal sealed class MapSites(TempDirectory folder, Func<MapStreams> streams)
{
    public static ReplicationCluster Cluster { get; } = new() { Name = "plant", Brokers = [new DnsEndPoint("localhost", 5672)] };

    public static MapSites InMemory(TempDirectory folder, MemoryLogs logs) =>
        new(folder, () => new MapStreams(Cluster, "settings", logs));

    public MapPublisher Own(string machine, long minFeedBytes = long.MaxValue / 8) => new(
        folder.Combine(machine, "map"), streams(), new MapFiles(folder.Combine(machine, "feeds")), Options(machine, minFeedBytes));

    public MapFollower Follow(string machine) => new(
        folder.Combine(machine, "map"), streams(), new MapFiles(folder.Combine(machine, "feeds")), Options(machine, long.MaxValue / 8));

    /// <summary>The entries of a machine: key, value, version and expiry.</summary>
    public string[] Read(string machine)
    {
        using VersionedByteMap map = VersionedByteMap.OpenReadOnly(folder.Combine(machine, "map"));
        return Read(map);
    }

    public static string[] Read(VersionedByteMap map)
    {
        List<string> all = [];
        foreach (VersionedByteMapEntry entry in map)
        {
            all.Add($"{Encoding.UTF8.GetString(entry.Key)}={Encoding.UTF8.GetString(entry.Value)} v{entry.Version} {entry.ExpiresAt}");
        }

        return [.. all.Order(StringComparer.Ordinal)];
    }

    /// <summary>Waits until a replica has all changes of its owner.</summary>
    public void WaitUntilEqual(MapPublisher owner, string replica)
    {
        string[] expected = Read(owner.Map);
        Eventually.True(
            () => Read(replica).SequenceEqual(expected), $"'{replica}' has the entries of its owner", TimeSpan.FromMinutes(5));
    }

    private static MapReplicationOptions Options(string machine, long minFeedBytes) => new()
    {
        Owner = machine,
        MinFeedBytes = minFeedBytes,
        Heartbeat = TimeSpan.FromMilliseconds(50),
        SegmentBytes = 64 << 10,
    };
}
