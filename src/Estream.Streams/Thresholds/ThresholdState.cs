namespace Estream.Streams;

/// <summary>What is remembered of a key whose value is raised, or beyond the threshold and not for long enough yet. Of all other keys
/// nothing is.</summary>
public record struct ThresholdState
{
    internal long Raised;
    internal long Since;

    /// <summary>Whether it is raised.</summary>
    public readonly bool IsRaised => Raised != 0;

    /// <summary>The time of the event with which the value went beyond the threshold, in nanoseconds since 1970 UTC; 0 where no time is
    /// asked for.</summary>
    public readonly long BeyondSince => Since;
}
