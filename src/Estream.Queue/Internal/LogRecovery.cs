using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Where a segment's messages end.</summary>
/// <param name="Offset">Of the next frame, or of the end-of-segment frame.</param>
/// <param name="Number">Messages before it.</param>
/// <param name="Time">Time field of the last one, 0 when there is none.</param>
/// <param name="IsSealed">Whether the segment ends in an end-of-segment frame.</param>
internal readonly record struct LogEnd(long Offset, uint Number, uint Time, bool IsSealed);

/// <summary>Finds the end of the log, by walking the last segment: nothing that a killed writer might have left stale is trusted.</summary>
internal static class LogRecovery
{
    /// <summary>The last segment, in use by the caller, and where it ends. Makes the first segment of an empty queue.</summary>
    public static (Segment Segment, LogEnd End) OpenEnd(EstreamQueue queue, QueueOptions options, SegmentSupply supply)
    {
        IReadOnlyList<long> indexes = queue.Files.ListSegments();
        if (indexes.Count == 0)
        {
            var header = new SegmentHeader(queue.Files.QueueId, Index: 0, FirstSequence: 0, options.Clock.UtcNanos, options.Checksum);
            Segment first = supply.Publish(supply.Take(), header);
            return (first, new LogEnd(SegmentLayout.HeaderBytes, 0, 0, IsSealed: false));
        }

        long last = indexes[^1];
        Segment segment = queue.Segments.Acquire(last)
            ?? throw new EstreamStorageException(
                $"'{queue.Files.SegmentPath(last)}' vanished while the queue was opened. Do not remove segments by hand; use RetainedBytes.",
                queue.Files.SegmentPath(last), StorageFailure.NotFound);
        try
        {
            LogEnd end = FindEnd(segment);
            RequireFree(segment, end);
            return (segment, end);
        }
        catch
        {
            queue.Segments.Release(segment);
            throw;
        }
    }

    // Where the log ends there is a zero: the message before put it there. Writing over anything else could destroy what somebody committed.
    private static void RequireFree(Segment segment, LogEnd end)
    {
        int word = segment.Region.All.ReadInt32Acquire(end.Offset);
        if (word < 0)
        {
            throw new EstreamCorruptionException(
                $"'{segment.Path}' has a claimed frame at offset {end.Offset} (length word 0x{word:x8}), which no writer of this version leaves behind. "
                + "It is damaged or from a newer release; run 'estream queue verify'.", segment.Path, end.Offset);
        }
    }

    /// <summary>Walks a segment to its end.</summary>
    /// <exception cref="EstreamCorruptionException">A frame contradicts the format.</exception>
    public static LogEnd FindEnd(Segment segment)
    {
        RegionSpan memory = segment.Region.All;
        long offset = SegmentLayout.HeaderBytes;
        uint number = 0;
        uint time = 0;
        while (true)
        {
            int word = memory.ReadInt32Acquire(offset + FrameLayout.LengthOffset);
            if (word <= 0)
            {
                return new LogEnd(offset, number, time, IsSealed: false);
            }

            if (FrameCheck.IsEndOfSegment(memory, offset, word))
            {
                return new LogEnd(offset, number, time, IsSealed: true);
            }

            FrameCheck.RequireMessage(segment, offset, word);
            time = (uint)memory.ReadInt32(offset + FrameLayout.TimeOffset);
            number++;
            offset += FrameLayout.Stride(word);
        }
    }
}
