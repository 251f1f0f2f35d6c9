namespace Estream.Streams;

/// <summary>What becomes of the events of a key that are more than may pass in an interval.</summary>
public enum Excess
{
    /// <summary>They are dropped, and counted: <see cref="EsfPipeline.Dropped"/>.</summary>
    Drop,

    /// <summary>Conflation: the newest of them, by its time, passes as the last of the interval when the watermark is behind that; the
    /// others are dropped and counted.</summary>
    KeepNewest,
}

/// <summary>What a throttle knows of a key in an interval.</summary>
/// <typeparam name="TValue">What it lets pass.</typeparam>
public record struct Throttled<TValue>
    where TValue : unmanaged
{
    internal long Passed;
    internal long HeldTime;
    internal long IsHolding;
    internal TValue Newest;

    /// <summary>How many have passed.</summary>
    public readonly long Count => Passed;
}
