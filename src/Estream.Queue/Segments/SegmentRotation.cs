using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Moves a log with shared writers to its next segment. One writer creates the segment under a kernel lock that ends with its process. The
/// others wait for the segment, and take over if the lock is free and there is no segment.
/// </summary>
internal sealed class SegmentRotation(EstreamQueue queue, QueueOptions options, SharedSupply supply, DeadWriterReclaimer dead)
{
    // Numbers of rounds of a wait. After some hundred rounds, each round sleeps up to a millisecond.
    private const int RoundsBetweenClearings = 8;
    private const int RoundsBeforeClearing = 200;

    // A few hundred milliseconds: longer than preparing a segment takes.
    private const int RoundsOfPatience = 600;

    /// <summary>The segment in which shared appenders continue, acquired for the caller: the last one, if it is a shared segment.</summary>
    /// <exception cref="EstreamStorageException">A segment could not be created or opened.</exception>
    /// <exception cref="EstreamCorruptionException">The last segment is damaged.</exception>
    public Segment Last()
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int round = 1; ; round++)
        {
            IReadOnlyList<long> indexes = queue.Files.ListSegments();
            Segment? last = indexes.Count == 0 ? null : queue.Segments.Acquire(indexes[^1]);
            if (last is not null)
            {
                if (last.IsShared)
                {
                    return last;
                }

                try
                {
                    return Next(last);
                }
                finally
                {
                    queue.Segments.Release(last);
                }
            }

            if (indexes.Count == 0)
            {
                TryMake(0, current: null, mayWait: round < RoundsOfPatience);
            }

            idle.Idle(0);
        }
    }

    /// <summary>Returns the segment after a full segment, acquired for the caller. If retention has deleted the next segment, because the
    /// caller has appended no message for a long time, returns the last segment.</summary>
    /// <exception cref="EstreamStorageException">It does not exist and could not be created: the disk is full.</exception>
    public Segment Next(Segment current)
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int round = 1; ; round++)
        {
            if (queue.Segments.Acquire(current.Index + 1) is { } next)
            {
                return next;
            }

            if (HasLater(current.Index))
            {
                return Last();
            }

            if (TryMake(current.Index + 1, current, mayWait: round < RoundsOfPatience))
            {
                continue;
            }

            if (round > RoundsBeforeClearing && round % RoundsBetweenClearings == 0)
            {
                dead.TryClearUpAll();
            }

            // Dead writers are reclaimed and live writers have finished their claims, but no writer has marked the end of the segment.
            if (round % RoundsOfPatience == 0)
            {
                dead.ClearAll(current);
            }

            idle.Idle(0);
        }
    }

    // Retention never deletes the last segment.
    private bool HasLater(long index) => queue.Files.ListSegments() is [.., var last] && last > index;

    /// <returns>Whether the segment, or a later one, exists now.</returns>
    private bool TryMake(long index, Segment? current, bool mayWait)
    {
        QueueFiles files = queue.Files;
        using IDisposable? held = files.Storage.TryLock(files.RotateLockPath, LockMode.Exclusive);
        if (held is null)
        {
            return false;
        }

        // A segment that existed and was deleted must not be created again: no reader would find its messages.
        if (HasLater(index))
        {
            return true;
        }

        if (!files.Exists(index))
        {
            if (current is not null && !TryEnd(current))
            {
                return false;
            }

            long firstSequence = current is null ? 0 : current.FirstSequence + NumbersOf(current);
            using IDisposable? keyed = queue.BeginSegment(out SegmentKey key);
            supply.Publish(new SegmentHeader(
                files.QueueId, files.SegmentBytes, index, firstSequence, options.Clock.UtcNanos, options.Checksum, ClaimKind.Shared, key),
                    mayWait);
        }

        return files.Exists(index);
    }

    // Seals a segment of an exclusive appender here: that appender is gone, since this process holds the lease in shared mode.
    private static bool TryEnd(Segment current)
    {
        if (current.IsShared)
        {
            return SegmentSeal.WriteAgreed(current);
        }

        LogEnd end = TailScanner.FindEnd(current);
        TailScanner.RequireFree(current, end);
        if (!end.IsSealed)
        {
            SegmentSeal.Write(current, end.Offset, end.Number);
        }

        return true;
    }

    private static long NumbersOf(Segment ended) =>
        ended.IsShared ? TailWord.Number(ended.Memory.ReadInt64Acquire(SegmentLayout.SealOffset)) : TailScanner.FindEnd(ended).Number;
}
