using Estream.Replication;
using Estream.Replication.Internal;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Capacity;

/// <summary>The costs of the steps of an entry between the client library and the brokers, from the processor times of their
/// processes.</summary>
/// <param name="brokers">The brokers.</param>
/// <param name="name">The name of a cluster, which no other work uses.</param>
internal sealed class BrokerSteps(RabbitCluster brokers, string name)
{
    // None of these is the size of the entries of `replicate`.
    private static readonly int[] s_sizes = [1 << 10, 32 << 10, 128 << 10, 512 << 10];

    private const int MostEntries = 4_000;

    private readonly List<StepSample> _send = [];
    private readonly List<StepSample> _receive = [];
    private readonly List<StepSample> _lead = [];
    private readonly List<StepSample> _deliver = [];
    private readonly List<StepSample> _replicate = [];
    private int _streams;

    /// <summary>The client sends an entry.</summary>
    public StepCost Send => StepFit.Of(_send);

    /// <summary>The client receives an entry.</summary>
    public StepCost Receive => StepFit.Of(_receive);

    /// <summary>The leader of the stream receives and stores an entry, sends it to the other replicas and back to the client.</summary>
    public StepCost Lead => StepFit.Of(_lead);

    /// <summary>The leader sends an entry to a further client.</summary>
    public StepCost Deliver => StepFit.Of(_deliver);

    /// <summary>Another replica receives and stores an entry.</summary>
    public StepCost Replicate => StepFit.Of(_replicate);

    /// <summary>Runs all steps with entries of several sizes.</summary>
    /// <param name="bytes">The bytes of each size.</param>
    public async Task MeasureAsync(long bytes)
    {
        ReplicationCluster all = ReplicatedQueue.ClusterOf(brokers, name);
        foreach (int size in s_sizes)
        {
            // A stream is led by the broker to which its creator is connected.
            RabbitLog log = new(all with { Brokers = [all.Brokers[0]] }, $"estream.{name}.{_streams++}", isReader: false);
            int entries = (int)Math.Clamp(bytes / size, 8, MostEntries);
            int warmUp = entries / 4;
            ClusterTime both = await PublishAsync(log, brokers, size, warmUp, entries).ConfigureAwait(false);
            ClusterTime reading = await ReadAsync(log, brokers, warmUp + entries).ConfigureAwait(false);
            double received = reading.Host.TotalMicroseconds / (warmUp + entries);
            _send.Add(Sample((both.Host.TotalMicroseconds / entries) - received));
            _receive.Add(Sample(received));
            _lead.Add(Sample(both.Leader.TotalMicroseconds / entries));
            _deliver.Add(Sample(reading.Leader.TotalMicroseconds / (warmUp + entries)));
            _replicate.Add(Sample(both.Replica.TotalMicroseconds / entries));

            StepSample Sample(double micros) => new(size, 0, Math.Max(0, micros));
        }
    }

    /// <summary>Publishes entries and reads them back, as a publisher of a queue does.</summary>
    private static async Task<ClusterTime> PublishAsync(RabbitLog log, RabbitCluster brokers, int bytes, int warmUp, int entries)
    {
        IBatchSession session = await log.ConnectAsync(0, CancellationToken.None).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            using SemaphoreSlim free = new(ReplicateWorkload.InFlightBytes / bytes);
            byte[] entry = new byte[bytes];
            await RunAsync(warmUp).ConfigureAwait(false);
            ClusterTime before = ClusterTime.Now(brokers);
            await RunAsync(entries).ConfigureAwait(false);
            return ClusterTime.Now(brokers).Since(before);

            async Task RunAsync(int count)
            {
                Task reading = Task.Run(async () =>
                {
                    for (int i = 0; i < count; i++)
                    {
                        (await session.ReadAsync(CancellationToken.None).ConfigureAwait(false)).Return();
                        _ = free.Release();
                    }
                });
                for (int i = 0; i < count; i++)
                {
                    await free.WaitAsync().ConfigureAwait(false);
                    await session.PublishAsync(entry, CancellationToken.None).ConfigureAwait(false);
                }

                await reading.ConfigureAwait(false);
            }
        }
    }

    private static async Task<ClusterTime> ReadAsync(RabbitLog log, RabbitCluster brokers, int entries)
    {
        ClusterTime before = ClusterTime.Now(brokers);
        IBatchSession session = await log.ConnectAsync(0, CancellationToken.None).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            for (int i = 0; i < entries; i++)
            {
                (await session.ReadAsync(CancellationToken.None).ConfigureAwait(false)).Return();
            }

            return ClusterTime.Now(brokers).Since(before);
        }
    }
}
