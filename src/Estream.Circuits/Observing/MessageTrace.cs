namespace Estream.Circuits;

/// <summary>The trace of one message through a circuit to one of its outputs. The trace contains no content of the message.
/// Immutable.</summary>
/// <param name="Circuit">The circuit.</param>
/// <param name="Output">The output to which the path leads.</param>
/// <param name="Queue">The queue of the message.</param>
/// <param name="QueueId">The unique id of that queue.</param>
/// <param name="Sequence">The sequence number of the message in the queue.</param>
/// <param name="AppendedAt">When the message was appended, exact to about a millisecond.</param>
/// <param name="BeganAt">When the message was read.</param>
/// <param name="Steps">The inputs, nodes and outputs that the message visited, in order, at most 32, with the time since
/// <paramref name="BeganAt"/>. If the message became a result or reached a stateful node, the last step is the output, or the stateful node
/// before the output, such as a window or a join.</param>
/// <param name="LeftOut">The number of further visits that were not recorded.</param>
/// <param name="Processed">The time from <paramref name="BeganAt"/> until processing ended.</param>
/// <param name="Permanent">The time from <paramref name="BeganAt"/> until the outcome was committed, together with other
/// messages.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Reason">Why the message was rejected; null if the message was not rejected. For rejections by code and by exceptions the
/// text is generic, since their messages may reveal content; the details are in the dead letter.</param>
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
    /// <summary>The trace id, 32 lower-case hexadecimal digits (W3C Trace Context). The id is the same for all processing of this message,
    /// in any circuit or process. No other message of the queue has it; a collision with a message of another queue has a chance of 1 in
    /// 2^128.</summary>
    public string TraceId { get; } = Observing.TraceIds.Of(QueueId, Sequence).ToHexString();
}

/// <summary>A visit of a message to an input, node or output.</summary>
/// <param name="Place">The input, node or output of the circuit's file.</param>
/// <param name="After">The time since the message was read.</param>
public readonly record struct TraceStep(string Place, TimeSpan After);

/// <summary>The outcome of processing a message for an output.</summary>
public enum TraceOutcome
{
    /// <summary>The message became a result, or the stateful node before the output took it.</summary>
    Taken,

    /// <summary>On every path a node dropped the message, as a filter does.</summary>
    Dropped,

    /// <summary>The message was rejected on one of its paths; another path may have produced a result.</summary>
    Rejected,

    /// <summary>The message was skipped, because it has another schema or another audience.</summary>
    Passed,
}
