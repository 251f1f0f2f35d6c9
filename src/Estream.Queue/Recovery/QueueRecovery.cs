namespace Estream.Queue;

/// <summary>
/// What was done when the queue was opened after the machine had stopped, or after a flush had failed: its messages were checked from the
/// last one known to be on the device, and the log was cut before the first that is not whole.
/// </summary>
/// <param name="Cause">Why it was checked.</param>
/// <param name="RecoveredAt">When, in nanoseconds since 1970-01-01 UTC.</param>
/// <param name="VerifiedFrom">The position from which on messages were checked; before it everything was on the device.</param>
/// <param name="EndPosition">The position behind the last message that is whole, where the log was cut.</param>
/// <param name="CutTo">The position up to which something was found behind it; the same as <paramref name="EndPosition"/> when nothing
/// was.</param>
/// <param name="CutMessages">Messages found whole behind the cut and given up with it, since what comes before them is lost. Messages that
/// are not whole cannot be counted.</param>
/// <param name="CutSegments">Segments behind the cut. Their files are kept beside the others, under names that end in <c>.lost</c>, until
/// somebody removes them.</param>
public sealed record QueueRecovery(
    QueueRecoveryCause Cause, long RecoveredAt, long VerifiedFrom, long EndPosition, long CutTo, long CutMessages, int CutSegments)
{
    /// <summary>Bytes of the log between the cut and the last thing found behind it.</summary>
    public long CutBytes => CutTo - EndPosition;

    /// <summary>Whether nothing was cut.</summary>
    public bool IsWhole => CutBytes == 0 && CutMessages == 0 && CutSegments == 0;
}

/// <summary>Why a queue was checked when it was opened.</summary>
public enum QueueRecoveryCause
{
    /// <summary>The machine has been started anew since the queue was last opened for writing.</summary>
    MachineRestart = 0,

    /// <summary>A flush had failed, so that the device may lack what the page cache had.</summary>
    FailedFlush = 1,
}
