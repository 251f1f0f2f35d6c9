using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The end of the messages in a segment.</summary>
/// <param name="Offset">The offset of the next frame, or of the end-of-segment frame.</param>
/// <param name="Number">The number of the next message.</param>
/// <param name="Time">The time field of the last message, 0 if there is none.</param>
/// <param name="IsSealed">Whether the segment ends with an end-of-segment frame.</param>
internal readonly record struct LogEnd(long Offset, uint Number, uint Time, bool IsSealed);

/// <summary>Finds the end of the log by scanning the last segment. Trusts nothing that a crashed writer may have left stale.</summary>
internal static class TailScanner
{
    // A few seconds; the death of a process takes milliseconds.
    private const int ClearAttempts = 5_000;

    /// <summary>The last segment, acquired for the caller, and its end. Creates the first segment of an empty queue.</summary>
    public static (Segment Segment, LogEnd End) OpenEnd(EstreamQueue queue, QueueOptions options, SegmentSupply supply)
    {
        IReadOnlyList<long> indexes = queue.Files.ListSegments();
        if (indexes.Count == 0)
        {
            using IDisposable? keyed = queue.BeginSegment(out SegmentKey key);
            var header = new SegmentHeader(
                queue.Files.QueueId, queue.SegmentBytes, Index: 0, FirstSequence: 0, options.Clock.UtcNanos, options.Checksum,
                ClaimKind.Exclusive, key);
            Segment first = supply.Publish(supply.Take(header.Index), header);
            return (first, new LogEnd(SegmentLayout.HeaderBytes, 0, 0, IsSealed: false));
        }

        long last = indexes[^1];
        Segment segment = queue.Segments.Acquire(last)
            ?? throw new EstreamStorageException(
                $"'{queue.Files.SegmentPath(last)}' vanished while the queue was opened. Do not remove segments by hand; use "
                + "RetainedBytes.",
                queue.Files.SegmentPath(last), StorageFailure.NotFound);
        try
        {
            if (segment.IsShared)
            {
                SealShared(queue, segment);
            }

            LogEnd end = FindEnd(segment);
            RequireFree(segment, end);
            SegmentIndex.Complete(segment, end.Offset);
            return (segment, end);
        }
        catch
        {
            queue.Segments.Release(segment);
            throw;
        }
    }

    // The log ends with a zero, which the writer of the last message stored. Overwriting anything else could destroy a committed message.
    public static void RequireFree(Segment segment, LogEnd end)
    {
        int word = segment.Memory.ReadInt32Acquire(end.Offset);
        if (word < 0)
        {
            throw new EstreamCorruptionException(
                $"'{segment.Path}' has a claimed frame at offset {end.Offset} (length word 0x{word:x8}), which no writer of this version "
                + "leaves behind. "
                + "It is damaged or from a newer release; run 'estream queue verify'.", segment.Path, end.Offset);
        }
    }

    // The lease is exclusive: the shared writers are gone, though the kernel may release their locks one by one.
    private static void SealShared(EstreamQueue queue, Segment segment)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; !queue.Shared.Dead.TryClearUpAll(); attempt++)
        {
            if (attempt == ClearAttempts)
            {
                throw new EstreamLeaseException(
                    $"A shared appender of queue '{queue.Directory}' is alive but does not hold the lease. Find out which process has "
                    + $"locked a file below '{WriterLayout.LockDirectory}', end it, and try again.",
                    queue.Directory);
            }

            idle.Idle(0);
        }

        queue.Shared.Dead.SealAlone(segment);
    }

    /// <summary>Scans a segment to its end, or to the first uncommitted claim.</summary>
    /// <exception cref="EstreamCorruptionException">A frame violates the format.</exception>
    public static LogEnd FindEnd(Segment segment)
    {
        RegionSpan memory = segment.Memory;
        long offset = SegmentLayout.HeaderBytes;
        uint number = 0;
        uint time = 0;
        while (true)
        {
            segment.EnsureLoaded(offset, BlockLayout.HeaderBytes);
            int word = memory.ReadInt32Acquire(offset + FrameLayout.LengthOffset);
            if (word <= 0)
            {
                return new LogEnd(offset, number, time, IsSealed: false);
            }

            if (FrameCheck.IsEndOfSegment(memory, offset, word))
            {
                return new LogEnd(offset, segment.Version == 1 ? number : (uint)memory.ReadInt32(offset + FrameLayout.TimeOffset), time,
                    IsSealed: true);
            }

            if (!FrameCheck.IsSkipped(segment, offset, word))
            {
                FrameCheck.RequireMessage(segment, offset, word);
                time = Math.Max(time, (uint)memory.ReadInt32(offset + FrameLayout.TimeOffset));
                number = FrameCheck.NumberBehind(segment, offset);
            }

            offset += FrameLayout.StrideOfAny(word);
        }
    }
}
