using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// How far a log may be read whose machine was started anew and which nobody has opened for writing since: what is behind its first message
/// that is not whole must not be shown, and a reader that may not write cannot cut it off.
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

    /// <summary>The lowest number a segment of the log can have: what is below was given up, and its name has come back.</summary>
    public long First { get; }

    /// <summary>The last segment that belongs to the log; -1 when none does.</summary>
    public long Index { get; }

    /// <summary>Where it ends.</summary>
    public LogEnd End { get; }

    /// <summary>Whether a writer has come and recovered the log: from then on its end is where it should be.</summary>
    public bool IsLifted => _record.BootId == _boot;

    /// <summary>The limit of a queue, if it needs one. Costs reading what was not known to be on the device.</summary>
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
            // A writer would make an end-of-segment frame again that is lost; until then readers do not get past it.
            (long Index, LogEnd End)? lostEnd = null;
            using LogScanner audit = LogScanner.Of(queue, record.Durable, mayLackPages: true, (segment, found, end) =>
                lostEnd ??= end.IsSealed && !found.End.IsSealed ? (segment.Index, found.End) : null);
            long first = audit.LeftOver.Count == 0 ? 0 : audit.LeftOver[^1] + 1;
            return new ReadLimit(record, boot, first, lostEnd?.Index ?? audit.Last?.Index ?? -1, lostEnd?.End ?? audit.End);
        }
        catch (EstreamCorruptionException)
        {
            // Damage before what could have been lost: whoever reads there hears of it.
            return null;
        }
    }

    /// <summary>Whether nothing at this place of a segment is to be read, for now.</summary>
    public bool Covers(long index, long offset) => index > Index || (index == Index && offset >= End.Offset && !End.IsSealed);

    /// <summary>Whether this place lies behind the end, at which a reader may still be.</summary>
    public bool IsBehind(long index, long offset) => index > Index || (index == Index && offset > End.Offset);

    /// <summary>The part of a segment that may be read, and 16 bytes, since readers look for room for an end-of-segment frame behind
    /// each.</summary>
    public RegionSpan Clamp(Segment segment) =>
        segment.Index == Index && !End.IsSealed ? segment.Memory.Slice(0, End.Offset + FrameLayout.HeaderBytes) : segment.Memory;
}
