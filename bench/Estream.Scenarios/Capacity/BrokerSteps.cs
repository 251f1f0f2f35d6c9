using Estream.Replication;
using Estream.Replication.Internal;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Capacity;

/// <summary>The costs of the steps of an entry between the client library and the brokers, from the processor times of their
/// processes.</summary>
/// <param name="Send">The client sends an entry.</param>
/// <param name="Receive">The client receives an entry.</param>
/// <param name="Lead">The leader of the stream receives and stores an entry, sends it to the other replicas and back to the
/// client.</param>
/// <param name="Deliver">The leader sends an entry to a further client.</param>
/// <param name="Replicate">Another replica receives and stores an entry.</param>
internal sealed record BrokerSteps(StepCost Send, StepCost Receive, StepCost Lead, StepCost Deliver, StepCost Replicate)
{
    // None of these is the size of the entries of `replicate`.
    private static readonly int[] s_sizes = [32 << 10, 128 << 10, 512 << 10];

    /// <summary>Measures the steps with entries of several sizes.</summary>
    public static BrokerSteps Measure(RabbitCluster brokers, string name, RunSize size) =>
        MeasureAsync(brokers, name, size).GetAwaiter().GetResult();

    private static async Task<BrokerSteps> MeasureAsync(RabbitCluster brokers, string name, RunSize size)
    {
        List<StepSample> send = [], receive = [], lead = [], deliver = [], replicate = [];
        foreach (int bytes in s_sizes)
        {
            // A stream is led by the broker to which its creator is connected.
            ReplicationCluster all = ReplicatedQueue.ClusterOf(brokers, name);
            RabbitLog log = new(all with { Brokers = [all.Brokers[0]] }, $"estream.{name}.{bytes}", isReader: false);
            int entries = (int)Math.Max(8, size.Of(160 << 20, 4 << 20) / bytes);
            int warmUp = entries / 4;
            UsedTime both = await PublishAsync(log, brokers, bytes, warmUp, entries).ConfigureAwait(false);
            UsedTime reading = await ReadAsync(log, brokers, warmUp + entries).ConfigureAwait(false);
            send.Add(Sample(both.Own - reading.Own));
            receive.Add(Sample(reading.Own));
            lead.Add(Sample(both.Leader));
            deliver.Add(Sample(reading.Leader));
            replicate.Add(Sample(both.Replica));

            StepSample Sample(double micros) => new(bytes, 0, Math.Max(0, micros));
        }

        return new BrokerSteps(StepFit.Of(send), StepFit.Of(receive), StepFit.Of(lead), StepFit.Of(deliver), StepFit.Of(replicate));
    }

    /// <summary>Publishes entries and reads them back, as a publisher of a queue does.</summary>
    private static async Task<UsedTime> PublishAsync(RabbitLog log, RabbitCluster brokers, int bytes, int warmUp, int entries)
    {
        IBatchSession session = await log.ConnectAsync(0, CancellationToken.None).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            using SemaphoreSlim free = new(ReplicateWorkload.InFlightBytes / bytes);
            byte[] entry = new byte[bytes];
            await RunAsync(warmUp).ConfigureAwait(false);
            UsedTime before = UsedTime.Now(brokers);
            await RunAsync(entries).ConfigureAwait(false);
            return UsedTime.Now(brokers).Since(before, entries);

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

    private static async Task<UsedTime> ReadAsync(RabbitLog log, RabbitCluster brokers, int entries)
    {
        UsedTime before = UsedTime.Now(brokers);
        IBatchSession session = await log.ConnectAsync(0, CancellationToken.None).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            for (int i = 0; i < entries; i++)
            {
                (await session.ReadAsync(CancellationToken.None).ConfigureAwait(false)).Return();
            }

            return UsedTime.Now(brokers).Since(before, entries);
        }
    }

    /// <summary>Processor times in microseconds.</summary>
    private readonly record struct UsedTime(double Own, double Leader, double Replica)
    {
        public static UsedTime Now(RabbitCluster brokers)
        {
            double[] used = [.. Enumerable.Range(0, brokers.Ports.Count).Select(broker => brokers.UsedBy(broker).TotalMicroseconds)];
            return new UsedTime(Environment.CpuUsage.TotalTime.TotalMicroseconds, used[0], used.Skip(1).DefaultIfEmpty(0).Average());
        }

        public UsedTime Since(UsedTime before, int entries) => new(
            (Own - before.Own) / entries, (Leader - before.Leader) / entries, (Replica - before.Replica) / entries);
    }
}
