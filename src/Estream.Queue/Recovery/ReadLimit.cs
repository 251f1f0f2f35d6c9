using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The end up to which a log may be read if the machine was restarted and no writer has opened the queue since. Messages after the first
/// damaged one must not be returned, and a read-only reader cannot truncate the log.
/// </summary>
internal sealed class ReadLimit
{
    private readonly DurabilityRecord _record;
    private readonly Guid _boot;

    private ReadLimit(DurabilityRecord record, Guid boot, long first, long index, LogEnd end)
    {
        _record = record;
        _boot = boot;
        First = first;
        Index = index;
        End = end;
    }

    /// <summary>The lowest index that a segment of the log can have. Lower ones were deleted, and a crash restored their names.</summary>
    public long First { get; }

    /// <summary>The index of the last segment of the log; -1 if there is none.</summary>
    public long Index { get; }

    /// <summary>The end of the last segment.</summary>
    public LogEnd End { get; }

    /// <summary>Whether a writer has recovered the log since, so that the limit no longer applies.</summary>
    public bool IsLifted => _record.BootId == _boot;

    /// <summary>The limit of a queue, or null if it needs none. Reads the messages that were not known to be durable.</summary>
    public static ReadLimit? Of(EstreamQueue queue)
    {
        Guid boot = queue.Files.Storage.BootId;
        DurabilityRecord record = queue.Record;
        if (boot == Guid.Empty || record.BootId == Guid.Empty || record.BootId == boot)
        {
            return null;
        }

        try
        {
            // A writer would restore a lost end-of-segment frame; until then readers do not get past it.
            (long Index, LogEnd End)? lostEnd = null;
            using LogScanner audit = LogScanner.Of(queue, record.Durable, mayLackPages: true, (segment, found, end) =>
                lostEnd ??= end.IsSealed && !found.End.IsSealed ? (segment.Index, found.End) : null);
            long first = audit.LeftOver.Count == 0 ? 0 : audit.LeftOver[^1] + 1;
            return new ReadLimit(record, boot, first, lostEnd?.Index ?? audit.Last?.Index ?? -1, lostEnd?.End ?? audit.End);
        }
        catch (EstreamCorruptionException)
        {
            // Damage before the durable position: the reader that gets there reports it.
            return null;
        }
    }

    /// <summary>Whether an offset of a segment must not be read for now.</summary>
    public bool Covers(long index, long offset) => index > Index || (index == Index && offset >= End.Offset && !End.IsSealed);

    /// <summary>Whether an offset is after the end, at which a reader may still be.</summary>
    public bool IsBehind(long index, long offset) => index > Index || (index == Index && offset > End.Offset);

    /// <summary>
    /// The part of a segment that may be read, plus 16 bytes, because readers require space for an end-of-segment frame after each frame.
    /// </summary>
    public RegionSpan Clamp(Segment segment) =>
        segment.Index == Index && !End.IsSealed ? segment.Memory.Slice(0, End.Offset + FrameLayout.HeaderBytes) : segment.Memory;
}
