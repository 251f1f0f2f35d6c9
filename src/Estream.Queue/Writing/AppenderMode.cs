namespace Estream.Queue;

/// <summary>Whether other appenders may exist at the same time.</summary>
public enum AppenderMode
{
    /// <summary>
    /// Up to 256 appenders in any number of processes. An append claims its space by one atomic addition. Sequence numbers increase but may
    /// have gaps: the number of an aborted claim, or of a claim whose process died, is not used again.
    /// </summary>
    Shared = 0,

    /// <summary>
    /// The only appender. It holds the lease of the queue, needs no atomic operation, and leaves no gaps in the sequence numbers.
    /// </summary>
    Exclusive = 1,
}
