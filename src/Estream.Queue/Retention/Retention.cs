using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Selects the segments to delete: those beyond a limit, oldest first, that every named tailer has passed.</summary>
/// <param name="queue">The queue.</param>
/// <param name="fixedLimits">The limits; null for those of the queue, which may change.</param>
internal sealed class Retention(EstreamQueue queue, RetentionLimits? fixedLimits = null)
{
    private RetentionLimits Limits => fixedLimits ?? queue.Limits;

    /// <summary>The segments that can be deleted, oldest first.</summary>
    /// <param name="onlyByAge">Whether to keep segments that exceed only the byte limit, which are better reused than deleted.</param>
    /// <exception cref="EstreamException">A cursor or a segment cannot be read, so it is unknown which segments are still
    /// needed.</exception>
    public IReadOnlyList<long> Surplus(bool onlyByAge = false)
    {
        RetentionLimits limits = Limits;
        return limits.IsNone
            ? []
            : Before(limits, Slowest(), onlyByAge, goesByAge: limits.AgeNanos > 0 && queue.RetentionClock.Check() is null);
    }

    /// <summary>The segments that could be deleted if no tailer needed them, oldest first.</summary>
    public IReadOnlyList<long> BeyondLimits()
    {
        RetentionLimits limits = Limits;
        return limits.IsNone ? [] : Before(limits, long.MaxValue, onlyByAge: false, goesByAge: limits.AgeNanos > 0);
    }

    /// <summary>The named tailers that keep segments beyond the limits, and how many bytes of segments each keeps.</summary>
    public IReadOnlyList<TailerHold> Holds()
    {
        IReadOnlyList<long> beyond = BeyondLimits();
        long Bytes(long position) => beyond.Where(index => (index + 1) * queue.SegmentBytes > position).Sum(queue.Files.BytesOf);
        return beyond.Count == 0
            ? []
            : [.. Retaining().Select(c => new TailerHold(c.Name, Bytes(c.Position))).Where(hold => hold.Bytes > 0)];
    }

    // The clock also decides that a name has been unused for too long.
    private long Slowest()
    {
        IReadOnlyList<CursorState> cursors = Cursors();
        bool needsClock = queue.RetentionPause is not null || cursors.Any(cursor => cursor.RetainsUntil != CursorState.ForEver);
        bool isTrusted = !needsClock || queue.RetentionClock.Check() is null;
        return cursors.Where(c => c.IsRetaining || !isTrusted).Select(c => c.Position).DefaultIfEmpty(long.MaxValue).Min();
    }

    private IEnumerable<CursorState> Retaining() => Cursors().Where(cursor => cursor.IsRetaining);

    private IReadOnlyList<CursorState> Cursors() => TailerCursor.ReadAll(queue.Files, queue.Clock.UtcNanos);

    private List<long> Before(RetentionLimits limits, long needed, bool onlyByAge, bool goesByAge)
    {
        IReadOnlyList<long> segments = queue.Files.ListSegments();
        var surplus = new List<long>();

        // The current segment does not count: it may be nearly empty.
        for (int i = 0; i < segments.Count - 1 && (segments[i] + 1) * queue.SegmentBytes <= needed; i++)
        {
            bool isTooMuch = limits.Bytes > 0 && !onlyByAge
                && queue.Files.BytesBetween(segments[i + 1] * queue.SegmentBytes, segments[^1] * queue.SegmentBytes) >= limits.Bytes;
            bool isBefore = (segments[i] + 1) * queue.SegmentBytes <= limits.Before;
            if (!isTooMuch && !isBefore && !(goesByAge && IsTooOld(limits, segments[i], segments[i + 1])))
            {
                break;
            }

            surplus.Add(segments[i]);
        }

        return surplus;
    }

    // The last message of a segment is not younger than the next segment, with one exception: shared appenders begin a segment at the time
    // of their clock, which may have been in the past.
    private bool IsTooOld(RetentionLimits limits, long index, long next)
    {
        long limit = queue.Clock.UtcNanos - limits.AgeNanos;
        if (queue.Segments.Acquire(next) is not { } segment)
        {
            return false;
        }

        (long begun, bool isShared) = (segment.BaseTime, segment.IsShared);
        queue.Segments.Release(segment);
        return begun <= limit && (!isShared || NewestTime(index) <= limit);
    }

    private long NewestTime(long index)
    {
        if (queue.Segments.Acquire(index) is not { } segment)
        {
            return long.MaxValue;
        }

        try
        {
            return SegmentIndex.NewestTime(segment);
        }
        finally
        {
            queue.Segments.Release(segment);
        }
    }
}

/// <summary>How much to retain at least; a limit of 0 means no limit.</summary>
/// <param name="Bytes">Bytes of segments.</param>
/// <param name="AgeNanos">Nanoseconds since the last message of a segment.</param>
internal readonly record struct RetentionLimits(long Bytes, long AgeNanos)
{
    /// <summary>The position before which nothing needs to be retained; 0 for no such position. Not stored.</summary>
    public long Before { get; init; }

    /// <summary>Whether both values are valid limits: a file may contain anything.</summary>
    public bool IsKnown => Bytes >= 0 && AgeNanos >= 0;

    public bool IsNone => Bytes == 0 && AgeNanos == 0 && Before == 0;

    public static RetentionLimits Of(QueueOptions options) => Of(options.RetainedBytes, options.RetainedAge);

    public static RetentionLimits Of(long bytes, TimeSpan age) =>
        new(bytes, Math.Min(age.Ticks, long.MaxValue / 4 / TimeSpan.NanosecondsPerTick) * TimeSpan.NanosecondsPerTick);

    /// <summary>The limits of the last appender, for display.</summary>
    public static RetentionLimits Read(RegionSpan metadata) =>
        new(metadata.ReadInt64Acquire(MetadataLayout.RetainedBytesOffset), metadata.ReadInt64Acquire(MetadataLayout.RetainedAgeOffset));

    public void Write(RegionSpan metadata)
    {
        metadata.WriteInt64Release(MetadataLayout.RetainedBytesOffset, Bytes);
        metadata.WriteInt64Release(MetadataLayout.RetainedAgeOffset, AgeNanos);
    }
}
