namespace Estream.Fpga;

/// <summary>How a card of a target stands, and what the target has done with it.</summary>
public sealed record FpgaCardReport
{
    /// <summary>Its address.</summary>
    public required string Uri { get; init; }

    /// <summary>Whether it takes work.</summary>
    public required FpgaCardState State { get; init; }

    /// <summary>Why it failed last; null when it never did.</summary>
    public string? LastFailure { get; init; }

    /// <summary>What it is; null while it is out.</summary>
    public FpgaInfo? Info { get; init; }

    /// <summary>What it has counted; null while it is out.</summary>
    public FpgaCounters? Counters { get; init; }

    /// <summary>Requests it answered.</summary>
    public long Answered { get; init; }

    /// <summary>Requests it was given and did not answer, which the host did alone.</summary>
    public long Unanswered { get; init; }

    /// <summary>Answers that differed from what the host found, and were put right on the card: something else had written the queue or the
    /// map.</summary>
    public long Corrections { get; init; }

    /// <summary>How often it failed: was gone, timed out, or gave what cannot be.</summary>
    public long Failures { get; init; }
}

/// <summary>How a card of a target stands.</summary>
public enum FpgaCardState
{
    /// <summary>It takes work.</summary>
    Ready,

    /// <summary>It is not there, or has failed several times in a row; it is looked for again.</summary>
    Out,
}
