namespace Estream.Circuits;

/// <summary>How closely the streams of a runtime are looked at, and what that may cost.</summary>
public sealed record StreamObservationOptions
{
    /// <summary>The most traces a second that can be asked for.</summary>
    public const int MaxTracesPerSecond = 20_000;

    /// <summary>How closely all streams are looked at, of which nothing else is asked (<see cref="StreamObservation.Observe"/>);
    /// <see cref="ObservationLevel.Counters"/> by default.</summary>
    public ObservationLevel Level { get; init; }

    /// <summary>How closely a stream is looked at, at least, while its circuit does not keep its service level;
    /// <see cref="ObservationLevel.SampledTraces"/> by default.</summary>
    public ObservationLevel AlertLevel { get; init; } = ObservationLevel.SampledTraces;

    /// <summary>The budget: so many messages are traced in a second at most, over all streams, each of which has the same part of it. From
    /// 1 to <see cref="MaxTracesPerSecond"/>; 1,000 by default.</summary>
    public int TracesPerSecond { get; init; } = 1_000;

    /// <summary>At <see cref="ObservationLevel.SampledTraces"/> each so many-th message is traced, and fewer where the budget is for fewer.
    /// From 1 to a million; 100 by default.</summary>
    public int SampleEvery { get; init; } = 100;

    /// <summary>So many traces of each stream are kept to be looked at (<see cref="StreamObservation.Recent"/>), from 1 to 1,000; 64 by
    /// default.</summary>
    public int RecentTraceCapacity { get; init; } = 64;

    internal void Validate()
    {
        Require(Enum.IsDefined(Level) && Enum.IsDefined(AlertLevel), $"Level is {Level} and AlertLevel {AlertLevel}; there are L0 to L3.");
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

/// <summary>How closely the messages of a stream are looked at. Each level sees what those before it see.</summary>
public enum ObservationLevel
{
    /// <summary>L0: messages and bytes are counted.</summary>
    Counters = 0,

    /// <summary>L1: it is also measured how long each message takes, from its append until what becomes of it is permanent.</summary>
    Distributions = 1,

    /// <summary>L2: some messages are also traced, place by place.</summary>
    SampledTraces = 2,

    /// <summary>L3: all are, as far as the budget goes.</summary>
    AllTraces = 3,
}
