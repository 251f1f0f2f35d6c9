namespace Estream.Circuits;

/// <summary>How one promise of a <see cref="ServiceLevel"/> is kept.</summary>
/// <param name="Name"><c>latency</c>, <c>throughput</c> or <c>durability</c>.</param>
/// <param name="Promised">What is promised, for example <c>p99 &lt;= 50 ms</c>.</param>
/// <param name="Measured">What was measured last; empty before, and where there was nothing to measure.</param>
/// <param name="BrokenSince">Since when it is not kept; null where it is.</param>
public sealed record ServiceLevelState(string Name, string Promised, string Measured, DateTimeOffset? BrokenSince)
{
    /// <summary>Whether it is kept, as far as was measured.</summary>
    public bool IsMet => BrokenSince is null;

    /// <summary>The sentence that an alert is.</summary>
    public override string ToString() => IsMet
        ? $"{Name}: {Promised} is kept ({Measured})"
        : $"{Name}: {Promised} was promised, and it is {Measured} since {BrokenSince:u}";
}
