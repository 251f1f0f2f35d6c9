namespace Estream.Circuits;

/// <summary>The ways of one message through a circuit to one of its outputs. It has nothing of what is in the message. Immutable.</summary>
/// <param name="Circuit">The circuit.</param>
/// <param name="Output">The output that the way led to, or would have.</param>
/// <param name="Queue">The queue the message lay in.</param>
/// <param name="QueueId">That queue's number, which no other has.</param>
/// <param name="Sequence">The message's number there.</param>
/// <param name="AppendedAt">When it was appended, exact to about a millisecond.</param>
/// <param name="BeganAt">When it was taken.</param>
/// <param name="Steps">The places it came by, in order, at most 32 of them, and how long after <paramref name="BeganAt"/>. Where it came to
/// the end, that is the output, or the node before it that remembers, as windows and joins do.</param>
/// <param name="LeftOut">How many more places there were.</param>
/// <param name="Processed">How long after <paramref name="BeganAt"/> all was done with it.</param>
/// <param name="Permanent">How long after <paramref name="BeganAt"/> what became of it was permanent, together with others.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why it was rejected; null where it was not. Of code, and of exceptions in it, no more than that: what they say may
/// have what is in the message, and is in its dead letter.</param>
public sealed record MessageTrace(
    string Circuit,
    string Output,
    string Queue,
    long QueueId,
    long Sequence,
    DateTimeOffset AppendedAt,
    DateTimeOffset BeganAt,
    IReadOnlyList<TraceStep> Steps,
    int LeftOut,
    TimeSpan Processed,
    TimeSpan Permanent,
    TraceOutcome Outcome,
    string? Reason)
{
    /// <summary>The id of the trace, 32 lower-case hexadecimal digits (W3C Trace Context): the same for whatever is done with this message,
    /// in whatever circuit or process, and of no other in that queue; for one in another queue chance would be against it by 128
    /// bits.</summary>
    public string TraceId { get; } = Observing.TraceIds.Of(QueueId, Sequence).ToHexString();
}

/// <summary>A place that a message came by.</summary>
/// <param name="Place">The input, node or output of the circuit's file.</param>
/// <param name="After">How long after the message was taken.</param>
public readonly record struct TraceStep(string Place, TimeSpan After);

/// <summary>What became of a message on its way to an output.</summary>
public enum TraceOutcome
{
    /// <summary>It came to the end: it is a result, or was given to what remembers there.</summary>
    Taken,

    /// <summary>On all ways some place let it go no further, as a filter does.</summary>
    Dropped,

    /// <summary>On one of its ways something could not take it; there may be a result of another.</summary>
    Rejected,

    /// <summary>It was of another schema, or for others.</summary>
    Passed,
}
