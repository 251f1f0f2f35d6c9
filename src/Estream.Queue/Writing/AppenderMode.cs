namespace Estream.Queue;

/// <summary>Who else may append while an appender exists.</summary>
public enum AppenderMode
{
    /// <summary>
    /// Any number of appenders, up to 256, in any number of processes. A place in the log is taken by one atomic addition. Sequence
    /// numbers rise but may skip: the number of a claim that is aborted, or whose process dies, is not used again.
    /// </summary>
    Shared = 0,

    /// <summary>No one: the appender holds the queue's lease, needs no atomic operation, and leaves no gap in the sequence
    /// numbers.</summary>
    Exclusive = 1,
}
