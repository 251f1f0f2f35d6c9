namespace Estream.Queue;

/// <summary>
/// The result of the recovery that runs when a queue is opened after a crash of the machine or a failed flush. Recovery checks the messages
/// after the last durable one and truncates the log before the first damaged one.
/// </summary>
/// <param name="Cause">Why recovery ran.</param>
/// <param name="RecoveredAt">When it ran, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="VerifiedFrom">The position from which messages were checked; everything before it was durable.</param>
/// <param name="EndPosition">The position after the last valid message, at which the log was truncated.</param>
/// <param name="CutTo">The position up to which data was found after the truncation point; equals <paramref name="EndPosition"/> if there
/// was none.</param>
/// <param name="CutMessages">The number of valid messages that were truncated because a message before them is lost. Damaged messages
/// cannot be counted.</param>
/// <param name="CutSegments">The number of segments after the truncation point. Their files stay in the directory, renamed to <c>.lost</c>,
/// until they are deleted by hand.</param>
public sealed record QueueRecovery(
    QueueRecoveryCause Cause, long RecoveredAt, long VerifiedFrom, long EndPosition, long CutTo, long CutMessages, int CutSegments)
{
    /// <summary>The number of bytes between the truncation point and the end of the data found after it.</summary>
    public long CutBytes => CutTo - EndPosition;

    /// <summary>Whether nothing was truncated.</summary>
    public bool IsWhole => CutBytes == 0 && CutMessages == 0 && CutSegments == 0;
}

/// <summary>Why recovery ran when a queue was opened.</summary>
public enum QueueRecoveryCause
{
    /// <summary>The machine was restarted since the queue was last opened for writing.</summary>
    MachineRestart = 0,

    /// <summary>A flush failed, so the disk may lack data that was in the page cache.</summary>
    FailedFlush = 1,
}
