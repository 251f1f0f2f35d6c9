using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Which segments may be given up: what is beyond a limit, from the oldest on, and every named tailer has passed.</summary>
internal sealed class Retention(EstreamQueue queue, RetentionLimits limits)
{
    private readonly long _retainedSegments =
        (limits.Bytes / queue.SegmentBytes) + (limits.Bytes % queue.SegmentBytes == 0 ? 0 : 1);

    /// <summary>The segments that can go, oldest first.</summary>
    /// <param name="onlyByAge">Whether to leave alone what is only beyond the limit of bytes, and better reused than removed.</param>
    /// <exception cref="EstreamException">A cursor or a segment cannot be read, so nobody knows what is still needed.</exception>
    public IReadOnlyList<long> Surplus(bool onlyByAge = false) => limits.IsNone ? [] : Before(Slowest(), onlyByAge);

    /// <summary>What would go if no tailer needed it, oldest first.</summary>
    public IReadOnlyList<long> BeyondLimits() => limits.IsNone ? [] : Before(long.MaxValue, onlyByAge: false);

    private long Slowest() => TailerCursor.ReadAll(queue.Files).Select(c => c.Position).DefaultIfEmpty(long.MaxValue).Min();

    private List<long> Before(long needed, bool onlyByAge)
    {
        IReadOnlyList<long> segments = queue.Files.ListSegments();
        var surplus = new List<long>();

        // The segment being filled does not count: it may be nearly empty.
        for (int i = 0; i < segments.Count - 1 && (segments[i] + 1) * queue.SegmentBytes <= needed; i++)
        {
            bool isTooMuch = _retainedSegments > 0 && !onlyByAge && segments.Count - 1 - i > _retainedSegments;
            if (!isTooMuch && !IsTooOld(segments[i + 1]))
            {
                break;
            }

            surplus.Add(segments[i]);
        }

        return surplus;
    }

    // A segment's last message is not younger than the segment behind it.
    private bool IsTooOld(long next)
    {
        if (limits.AgeNanos == 0 || queue.Segments.Acquire(next) is not { } segment)
        {
            return false;
        }

        long begun = segment.BaseTime;
        queue.Segments.Release(segment);
        return begun <= queue.Clock.UtcNanos - limits.AgeNanos;
    }
}

/// <summary>How much to keep at least; each limit of 0 is none.</summary>
/// <param name="Bytes">Bytes of segments.</param>
/// <param name="AgeNanos">Nanoseconds since the last message of a segment.</param>
internal readonly record struct RetentionLimits(long Bytes, long AgeNanos)
{
    /// <summary>Whether both can be limits: what stands in a file may be anything.</summary>
    public bool IsKnown => Bytes >= 0 && AgeNanos >= 0;

    public bool IsNone => Bytes == 0 && AgeNanos == 0;

    public static RetentionLimits Of(QueueOptions options) => Of(options.RetainedBytes, options.RetainedAge);

    public static RetentionLimits Of(long bytes, TimeSpan age) =>
        new(bytes, Math.Min(age.Ticks, long.MaxValue / 4 / TimeSpan.NanosecondsPerTick) * TimeSpan.NanosecondsPerTick);

    /// <summary>What the last appender was told, for people to read.</summary>
    public static RetentionLimits Read(RegionSpan metadata) =>
        new(metadata.ReadInt64Acquire(MetadataLayout.RetainedBytesOffset), metadata.ReadInt64Acquire(MetadataLayout.RetainedAgeOffset));

    public void Write(RegionSpan metadata)
    {
        metadata.WriteInt64Release(MetadataLayout.RetainedBytesOffset, Bytes);
        metadata.WriteInt64Release(MetadataLayout.RetainedAgeOffset, AgeNanos);
    }
}
