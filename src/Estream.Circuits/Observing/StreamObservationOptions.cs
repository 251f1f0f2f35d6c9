namespace Estream.Circuits;

/// <summary>How closely a runtime observes its streams, and the budget for traces.</summary>
public sealed record StreamObservationOptions
{
    /// <summary>The maximum of <see cref="TracesPerSecond"/>.</summary>
    public const int MaxTracesPerSecond = 20_000;

    /// <summary>The level of all streams for which no other level was requested (<see cref="StreamObservation.Observe"/>);
    /// <see cref="ObservationLevel.Counters"/> by default.</summary>
    public ObservationLevel Level { get; init; }

    /// <summary>The minimum level of a stream while its circuit breaks its service level; <see cref="ObservationLevel.SampledTraces"/> by
    /// default.</summary>
    public ObservationLevel AlertLevel { get; init; } = ObservationLevel.SampledTraces;

    /// <summary>The trace budget: the maximum number of messages traced per second over all streams, shared equally by the traced streams.
    /// From 1 to <see cref="MaxTracesPerSecond"/>; 1,000 by default.</summary>
    public int TracesPerSecond { get; init; } = 1_000;

    /// <summary>The sampling interval at <see cref="ObservationLevel.SampledTraces"/>: every n-th message is traced, or fewer if the budget
    /// requires it. From 1 to a million; 100 by default.</summary>
    public int SampleEvery { get; init; } = 100;

    /// <summary>The number of traces kept for each stream (<see cref="StreamObservation.Recent"/>), from 1 to 1,000; 64 by
    /// default.</summary>
    public int RecentTraceCapacity { get; init; } = 64;

    internal void Validate()
    {
        Require(Enum.IsDefined(Level) && Enum.IsDefined(AlertLevel), $"Level is {Level} and AlertLevel {AlertLevel}; use L0 to L3.");
        Require(TracesPerSecond is >= 1 and <= MaxTracesPerSecond,
            $"TracesPerSecond is {TracesPerSecond}; it must be from 1 to {MaxTracesPerSecond}.");
        Require(SampleEvery is >= 1 and <= 1_000_000, $"SampleEvery is {SampleEvery}; it must be from 1 to 1000000.");
        Require(RecentTraceCapacity is >= 1 and <= 1_000, $"RecentTraceCapacity is {RecentTraceCapacity}; it must be from 1 to 1000.");
    }

    private static void Require(bool holds, string error)
    {
        if (!holds)
        {
            throw new ArgumentException(error);
        }
    }
}

/// <summary>How closely the messages of a stream are observed. Each level includes the levels before it.</summary>
public enum ObservationLevel
{
    /// <summary>L0: messages and bytes are counted.</summary>
    Counters = 0,

    /// <summary>L1: the latency of each message is measured, from its append until its processing is committed.</summary>
    Distributions = 1,

    /// <summary>L2: a sample of messages is traced, node by node.</summary>
    SampledTraces = 2,

    /// <summary>L3: all messages are traced, as far as the budget allows.</summary>
    AllTraces = 3,
}
