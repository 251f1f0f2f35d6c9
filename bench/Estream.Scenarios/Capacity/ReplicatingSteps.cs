using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Capacity;

/// <summary>
/// Measures the costs of the steps while all of them run at the same time: replicates queues as fast as possible. The costs are higher than
/// those of steps that run alone, because the steps share caches, and threads wake and wait for each other.
/// </summary>
internal sealed class ReplicatingSteps : IDisposable
{
    // None of these is a size of `replicate`.
    private static readonly (int PayloadBytes, int EntryBytes)[] s_points =
        [(48, 128 << 10), (48, 512 << 10), (300, 192 << 10), (2_000, 128 << 10), (2_000, 512 << 10)];

    // The same length as a round of `replicate`, because each round begins and ends with an empty pipeline.
    private const long RoundBytes = 48 << 20;
    private const long TinyRoundBytes = 1 << 20;
    private const int RoundsOfTurn = 2;

    private readonly RabbitCluster _brokers;
    private readonly (ReplicateWorkload Work, int EntryBytes, ReplicatedQueue Queue)[] _points;
    private readonly List<StepSample> _host = [];
    private readonly List<StepSample> _lead = [];
    private readonly List<StepSample> _replicate = [];
    private double _used;
    private double _free;

    /// <param name="brokers">The brokers, which the queues also use.</param>
    /// <param name="directory">The directory for the queues.</param>
    /// <param name="size">The size of the run.</param>
    public ReplicatingSteps(RabbitCluster brokers, string directory, RunSize size)
    {
        _brokers = brokers;
        _points = [.. s_points.Select((point, i) =>
        {
            ReplicateWorkload work = new(size, point.PayloadBytes);
            string folder = Directory.CreateDirectory(Path.Combine(directory, $"replicating-{i}")).FullName;
            return (work, point.EntryBytes, new ReplicatedQueue(new ContenderContext(folder, size), work, point.EntryBytes));
        })];
    }

    /// <summary>The share of the free processor time that was used, from 0 to 1. During the rest, no thread was ready to run.</summary>
    public double BusyShare => _used / _free;

    /// <summary>Returns the additional cost of the host's steps when they run together.</summary>
    /// <param name="alone">The sum of the steps, each measured alone.</param>
    public StepCost HostExtra(StepCost alone) => Extra(_host, alone);

    /// <summary>Returns the additional cost of the leader of the stream.</summary>
    /// <param name="alone">The step, measured without the host.</param>
    public StepCost LeadExtra(StepCost alone) => Extra(_lead, alone);

    /// <summary>Returns the additional cost of each other replica.</summary>
    /// <param name="alone">The step, measured without the host.</param>
    public StepCost ReplicateExtra(StepCost alone) => Extra(_replicate, alone);

    /// <summary>Replicates some messages of each size.</summary>
    /// <param name="isCounted">Whether to record the times. False for the first run, which compiles the code and connects.</param>
    public void Measure(bool isCounted = true)
    {
        foreach ((ReplicateWorkload work, int entryBytes, ReplicatedQueue queue) in _points)
        {
            double entries = Math.Ceiling((double)work.Size.Of(RoundBytes, TinyRoundBytes) / entryBytes);
            double entryMessages = entryBytes / work.FrameBytes;
            MachineTime machine = MachineTime.Now();
            ClusterTime before = ClusterTime.Now(_brokers);
            for (int round = 0; round < RoundsOfTurn; round++)
            {
                queue.Append((long)(entries * entryMessages));
            }

            ClusterTime used = ClusterTime.Now(_brokers).Since(before);
            if (isCounted)
            {
                MachineTime all = MachineTime.Now();
                _used += used.All.TotalSeconds;
                _free += all.ShareFor(used.All, machine) * (all.Total - machine.Total).TotalSeconds;
                _host.Add(Sample(used.Host));
                _lead.Add(Sample(used.Leader));
                _replicate.Add(Sample(used.Replica));
            }

            StepSample Sample(TimeSpan time) =>
                new(entryMessages * work.FrameBytes, entryMessages, time.TotalMicroseconds / (entries * RoundsOfTurn));
        }
    }

    public void Dispose() => Array.ForEach(_points, point => point.Queue.Dispose());

    // The cost of shared caches grows with bytes and messages. No entry here is small, so a fixed part would be uncertain.
    private static StepCost Extra(IEnumerable<StepSample> samples, StepCost alone) => StepFit.WithoutFixed(
    [
        .. samples.Select(sample => sample with
        {
            Micros = sample.Micros - (alone.Seconds(sample.Bytes, sample.Messages) * 1e6),
            WholeMicros = sample.Micros,
        }),
    ]);
}
