namespace Estream.Scenarios.Capacity;

/// <summary>The processor time of one step of an entry: a part for the entry, one for its bytes, and one for its messages.</summary>
internal readonly record struct StepCost(double FixedMicros, double NanosPerByte, double NanosPerMessage = 0)
{
    public static StepCost operator +(StepCost left, StepCost right) => new(
        left.FixedMicros + right.FixedMicros, left.NanosPerByte + right.NanosPerByte, left.NanosPerMessage + right.NanosPerMessage);

    /// <summary>Returns the time of the step in seconds.</summary>
    public double Seconds(double bytes, double messages) =>
        (FixedMicros * 1e-6) + (((NanosPerByte * bytes) + (NanosPerMessage * messages)) * 1e-9);
}

/// <summary>
/// Hosts that replicate one queue each through brokers. A host appends messages, and publishes them as an entry of the stream. The
/// leader of the stream and the other replicas store the entry, and the host reads it back. Followers copy the queue.
/// The default costs are those of docs/scale.md.
/// </summary>
internal sealed record CapacityModel
{
    /// <summary>On the host: the messages of an entry are appended to the log.</summary>
    public StepCost Append { get; init; } = new(0, 1.5, 11);

    /// <summary>On the host: an entry is read from the log, checked, and written to the connection.</summary>
    public StepCost Publish { get; init; } = new(2, 0.91, 6);

    /// <summary>On the leader: an entry is received and stored, sent to the other replicas, and sent back to the host.</summary>
    public StepCost Lead { get; init; } = new(20, 5.4);

    /// <summary>On each other replica: an entry is received and stored.</summary>
    public StepCost Replicate { get; init; } = new(1, 3.0);

    /// <summary>On the host: an entry is read back, checked, and its messages are confirmed.</summary>
    public StepCost Confirm { get; init; } = new(9, 0.83, 4);

    /// <summary>On the host: the additional cost of its steps when they run together, for threads, locks and shared caches.</summary>
    public StepCost Together { get; init; }

    /// <summary>On the leader: an entry is sent to a follower.</summary>
    public StepCost Deliver { get; init; } = new(10, 0.64);

    /// <summary>On a follower: an entry is received, checked, and written to the copy.</summary>
    public StepCost Follow { get; init; } = new(57, 1.7, 74);

    /// <summary>Followers of each queue. Each one is a machine.</summary>
    public int Followers { get; init; }

    /// <summary>Hosts, each with one queue.</summary>
    public int Hosts { get; init; } = 1;

    /// <summary>Brokers.</summary>
    public int Brokers { get; init; } = 3;

    /// <summary>Brokers that store each stream.</summary>
    public int Factor { get; init; } = 3;

    /// <summary>Whether all hosts and brokers share one machine.</summary>
    public bool IsOneMachine { get; init; }

    /// <summary>Processors of each machine.</summary>
    public int Processors { get; init; } = 2;

    /// <summary>The share of each processor, from 0 to 1, that other programs leave.</summary>
    public double ProcessorShare { get; init; } = 1;

    /// <summary>The share of these processors, from 0 to 1, that steps use if all of them run on one machine. During the rest, no
    /// thread is ready to run. Not used for several machines.</summary>
    public double BusyShare { get; init; } = 1;

    /// <summary>The rate of the link of each machine in each direction, in bytes a second. Not used on one machine.</summary>
    public double LinkBytesPerSecond { get; init; } = 1.25e8;

    /// <summary>The length of a message.</summary>
    public int MessageBytes { get; init; } = 100;

    /// <summary>Messages a second of each host; 0 for as many as possible.</summary>
    public double MessagesPerSecond { get; init; }

    /// <summary>The limit of an entry in bytes.</summary>
    public int EntryBytes { get; init; } = Workloads.ReplicateWorkload.EntryBytes;

    /// <summary>The limit of bytes that are sent and not confirmed.</summary>
    public int InFlightBytes { get; init; } = Workloads.ReplicateWorkload.InFlightBytes;

    /// <summary>The time that a host waits for further messages, in seconds.</summary>
    public double Linger { get; init; } = 0.001;

    /// <summary>The length of a message in the log.</summary>
    public int FrameBytes => new Workloads.ReplicateWorkload(Harness.RunSize.Full, MessageBytes).FrameBytes;
}

/// <summary>What a simulation found. Shares are from 0 to 1, of the busiest machine, link or step.</summary>
internal sealed record CapacityResult(
    double MessagesPerSecond, double P50Seconds, double P99Seconds, double HostShare, double BrokerShare, double LinkShare,
    double StepShare)
{
    /// <summary>The resource that limits the rate, or would limit a higher one.</summary>
    public string Limit => new (string Name, double Share)[]
    {
        ("processors of a host", HostShare), ("processors of a broker", BrokerShare), ("link", LinkShare), ("one thread", StepShare),
    }.MaxBy(resource => resource.Share).Name;
}
