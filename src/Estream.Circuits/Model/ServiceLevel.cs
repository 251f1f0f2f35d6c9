namespace Estream.Circuits;

/// <summary>What a circuit promises to do in time, as its annotation <c>sla</c> says (docs/formats/escir.md, "Service levels"). Null is not
/// promised.</summary>
public sealed record ServiceLevel
{
    /// <summary>Of how many messages in a thousand <see cref="Latency"/> holds: 500, 900, 990 or 999.</summary>
    public int LatencyPerMille { get; init; }

    /// <summary>How long messages take at most from their append to the input until what becomes of them is permanent.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>How many messages are taken a second at least, while some wait.</summary>
    public long? Throughput { get; init; }

    /// <summary>After how long at the latest messages of the outputs are on the device.</summary>
    public TimeSpan? Durability { get; init; }

    /// <summary>Over how long latency and throughput are measured.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);
}
