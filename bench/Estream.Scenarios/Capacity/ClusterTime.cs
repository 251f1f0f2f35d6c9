using Estream.Scenarios.Peers.Brokers;

namespace Estream.Scenarios.Capacity;

/// <summary>The processor time of this process and of the brokers.</summary>
/// <param name="Host">This process.</param>
/// <param name="Brokers">Each broker, with its helper processes.</param>
internal sealed record ClusterTime(TimeSpan Host, IReadOnlyList<TimeSpan> Brokers)
{
    /// <summary>The sum of all processes.</summary>
    public TimeSpan All => Brokers.Aggregate(Host, (sum, broker) => sum + broker);

    /// <summary>The time of the leader of the stream, which is the broker with the longest time.</summary>
    public TimeSpan Leader => Brokers.Max();

    /// <summary>The mean of the other brokers; zero if there are none.</summary>
    public TimeSpan Replica => Brokers.Count > 1 ? (All - Host - Leader) / (Brokers.Count - 1) : TimeSpan.Zero;

    /// <summary>Returns the time since the start of the processes.</summary>
    public static ClusterTime Now(RabbitCluster brokers) =>
        new(Environment.CpuUsage.TotalTime, [.. Enumerable.Range(0, brokers.Ports.Count).Select(brokers.UsedBy)]);

    /// <summary>Returns the time since an earlier reading.</summary>
    public ClusterTime Since(ClusterTime before) =>
        new(Host - before.Host, [.. Brokers.Zip(before.Brokers, (now, then) => now - then)]);
}
