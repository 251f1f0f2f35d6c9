using Estream.Replication;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `replicate-takeover`: the active of two hosts is killed, and a device sends a message to the other
/// host until the host acknowledges it. The killed host then starts again, and is on standby in the next round.</summary>
internal sealed class TakeoverContender : IContender
{
    private readonly RabbitCluster _brokers;
    private readonly ReplicationCluster _cluster;
    private readonly Samples _samples = new(1);
    private readonly string[] _directories;
    private readonly AutoHost[] _hosts;
    private int _active;

    public TakeoverContender(ContenderContext context, int brokers)
    {
        _brokers = RabbitCluster.Open(context, brokers);
        _cluster = ReplicatedQueue.ClusterOf(_brokers, Path.GetFileName(context.Directory));
        _directories = [Path.Combine(context.Directory, "a"), Path.Combine(context.Directory, "b")];
        AutoHost first = new(_directories[0], _cluster);
        first.PublishAcknowledged();
        _hosts = [first, new AutoHost(_directories[1], _cluster)];
    }

    public RunResult Run()
    {
        int standby = 1 - _active;
        _hosts[standby].WaitUntilFollowing();
        long before = Samples.Now();
        _hosts[_active].Kill();
        _hosts[standby].PublishAcknowledged();
        _samples.Set(0, before, Samples.Now());
        _hosts[_active].Dispose();
        _hosts[_active] = new AutoHost(_directories[_active], _cluster);
        _active = standby;
        return _samples.Round(1);
    }

    public void Dispose()
    {
        Array.ForEach(_hosts, host => host.Dispose());
        _brokers.Dispose();
    }
}
