namespace Estream.Fpga;

/// <summary>The state of a target's card, and counts of its use.</summary>
public sealed record FpgaCardReport
{
    /// <summary>The address of the card.</summary>
    public required string Uri { get; init; }

    /// <summary>Whether the card accepts work.</summary>
    public required FpgaCardState State { get; init; }

    /// <summary>The reason of the card's last failure; null if the card never failed.</summary>
    public string? LastFailure { get; init; }

    /// <summary>Description of the card; null while the card is <see cref="FpgaCardState.Out"/>.</summary>
    public FpgaInfo? Info { get; init; }

    /// <summary>The card's own counters; null while the card is <see cref="FpgaCardState.Out"/>.</summary>
    public FpgaCounters? Counters { get; init; }

    /// <summary>The number of requests that the card answered.</summary>
    public long Answered { get; init; }

    /// <summary>The number of requests that the card did not answer; the host executed them alone.</summary>
    public long Unanswered { get; init; }

    /// <summary>The number of answers that differed from the host's result and were corrected on the card, because another writer had
    /// changed the queue or the map.</summary>
    public long Corrections { get; init; }

    /// <summary>The number of failures: the card disappeared, timed out, or gave an impossible answer.</summary>
    public long Failures { get; init; }
}

/// <summary>The state of a target's card.</summary>
public enum FpgaCardState
{
    /// <summary>The card accepts work.</summary>
    Ready,

    /// <summary>The card is missing, cannot be reset, or has failed several times in a row. The target tries to open it again
    /// periodically.</summary>
    Out,
}
