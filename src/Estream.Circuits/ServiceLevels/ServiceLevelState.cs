namespace Estream.Circuits;

/// <summary>The state of one promise of a <see cref="ServiceLevel"/>.</summary>
/// <param name="Name"><c>latency</c>, <c>throughput</c> or <c>durability</c>.</param>
/// <param name="Promised">The text of the promise, for example <c>p99 &lt;= 50 ms</c>.</param>
/// <param name="Measured">The last measured value; empty before the first measurement and if there was nothing to measure.</param>
/// <param name="BrokenSince">The time since which the promise is broken; null if it is kept.</param>
public sealed record ServiceLevelState(string Name, string Promised, string Measured, DateTimeOffset? BrokenSince)
{
    /// <summary>Whether the promise is kept, as far as it was measured.</summary>
    public bool IsMet => BrokenSince is null;

    /// <summary>The text of an alert.</summary>
    public override string ToString() => IsMet
        ? $"{Name}: {Promised} is kept ({Measured})"
        : $"{Name}: {Promised} is promised, but it is {Measured} since {BrokenSince:u}";
}
