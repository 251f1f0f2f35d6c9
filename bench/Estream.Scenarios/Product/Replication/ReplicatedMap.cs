using System.Diagnostics;
using Estream.Map;
using Estream.Replication;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The owner of a map and a replica, which exchange changes through brokers.</summary>
internal sealed class ReplicatedMap : IDisposable
{
    private const string Name = "map";
    private const int Entries = 1_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly RabbitCluster _brokers;
    private readonly MapPublisher _owner;
    private readonly MapFollower _follower;
    private readonly VersionedByteMap _replica;
    private readonly byte[] _value;
    private int _puts;

    public ReplicatedMap(ContenderContext context, ReplicateWorkload work)
    {
        _brokers = RabbitCluster.Open(context, work.Brokers);
        RabbitReplication replication = new(ReplicatedQueue.ClusterOf(_brokers, Path.GetFileName(context.Directory)));
        _owner = replication.PublishMap(Name, In(context, "owner"), In(context, "owner-feeds"));
        _follower = replication.FollowMap(Name, In(context, "replica"), In(context, "replica-feeds"));
        _replica = VersionedByteMap.OpenReadOnly(In(context, "replica"));
        _value = new byte[work.PayloadBytes];
    }

    /// <summary>Puts an entry, and returns when the replica has it.</summary>
    public void PutAndAwait()
    {
        byte[] key = BitConverter.GetBytes(_puts++ % Entries);
        long version;
        lock (_owner.Writing)
        {
            version = _owner.Map.Put(key, _value);
        }

        long start = Stopwatch.GetTimestamp();
        while (!_replica.TryGetVersion(key, out long found, out _) || found < version)
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
            {
                throw new ScenarioException(
                    $"the replica did not get an entry in {s_limit.TotalSeconds:0} s: {_follower.GetStatus()}, {_owner.GetStatus()}");
            }

            Thread.Sleep(0);
        }
    }

    public void Dispose()
    {
        _replica.Dispose();
        _follower.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _owner.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _brokers.Dispose();
    }

    private static string In(ContenderContext context, string name) => Path.Combine(context.Directory, name);
}
