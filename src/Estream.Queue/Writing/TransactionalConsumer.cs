using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// A named reader whose progress is committed with the batches it appends to another queue. When a process dies between the
/// batch and the cursor, the cursor is one batch behind; the next reader finds that batch in the output. After a power cut the cursor may
/// be ahead of the output, and the output ahead of the source: the cursor records which recoveries of both it has applied.
/// </summary>
internal sealed class TransactionalConsumer
{
    private readonly TailerCursor _cursor;
    private bool _isBehind;

    private TransactionalConsumer(TailerCursor cursor, EstreamQueue output, long sourceId, string name)
    {
        _cursor = cursor;
        Output = output;
        SourceId = sourceId;
        Name = name;
    }

    public EstreamQueue Output { get; }

    public long SourceId { get; }

    public string Name { get; }

    /// <summary>Where the reader continues after its last batch. Later than the stored cursor when the device rejected
    /// the batch.</summary>
    public long Position { get; private set; }

    /// <summary>Begins at the cursor, or continues where the last reader of this name ended.</summary>
    /// <exception cref="EstreamStorageException">The last one was killed, and the output does not reach back far enough to tell how far it
    /// was.</exception>
    public static TransactionalConsumer Begin(TailerCursor cursor, EstreamQueue source, EstreamQueue output, string name)
    {
        var transactional = new TransactionalConsumer(cursor, output, source.Files.QueueId, name);
        bool isFirst = cursor.Began == 0;
        long sourceEnd = cursor.SourceCut == 0 ? long.MaxValue : cursor.SourceCut;
        QueueRecovery? outputCut = output.Recovery;
        bool isOutputCut = !isFirst && outputCut is not null && cursor.OutputSeen != outputCut.RecoveredAt;
        if (isOutputCut)
        {
            transactional.CatchUpWithCut(outputCut!.EndPosition, sourceEnd);
        }
        else if (cursor.OutputPosition != 0)
        {
            transactional.CatchUp(cursor.OutputPosition, sourceEnd);
        }

        long end = output.EndPosition();
        if (!transactional._isBehind)
        {
            transactional.Position = cursor.Position;
            cursor.StoreOutput(end);
        }

        if (isFirst || isOutputCut || cursor.SourceCut != 0 || cursor.IsUnsettled)
        {
            // On the device before anything is consumed: a name without a beginning has no output, and what comes in the place of lost
            // messages is not taken for them once more. Who is killed over it leaves it to the next, whatever the stores below say.
            cursor.IsUnsettled = true;
            if (isFirst)
            {
                // What stands in the output by then is that of a name that was given up.
                cursor.StoreBeganOutput(end);
                cursor.StoreBegan(cursor.Position);
            }
            else if (isOutputCut)
            {
                // All of it before its end is on the device since. It may tell of messages that the source has lost, in the place of
                // others.
                cursor.StoreBegan(cursor.Position);
                cursor.StoreBeganOutput(outputCut!.EndPosition);
            }

            cursor.StoreSeen(outputCut?.RecoveredAt ?? 0);
            cursor.ForgetSourceCut();
            cursor.MakeDurable(source.Files);
            cursor.IsUnsettled = false;
        }

        return transactional;
    }

    /// <summary>Stops taking the position from an output: the name is used without one from here on.</summary>
    public static void Forget(TailerCursor cursor)
    {
        if (cursor.Began != 0 || cursor.OutputPosition != 0)
        {
            cursor.StoreOutput(0);
            cursor.StoreBegan(0);
        }
    }

    /// <summary>Notes a committed batch that the cursor does not store yet.</summary>
    public void Defer(long position) => (Position, _isBehind) = (position, true);

    /// <summary>Stores the cursor after a committed batch. In this order: until the second store the batch is found again.</summary>
    public void Store(long position, long outputPosition)
    {
        _isBehind = false;
        _cursor.Store(position);
        _cursor.StoreOutput(outputPosition);
    }

    /// <summary>Follows progress without output, which no batch of before may overrule; nor may one that is not stored be forgotten over
    /// it.</summary>
    public void Store(long position)
    {
        long end = Output.EndPosition();
        if (_isBehind)
        {
            _cursor.Store(Position);
        }

        _cursor.StoreOutput(end);
        _cursor.Store(position);
        _isBehind = false;
    }

    /// <summary>Says that there is nothing to catch up with, unless the flush of a batch failed and the cursor was not told of
    /// it.</summary>
    public void End()
    {
        if (!_isBehind)
        {
            _cursor.StoreOutput(0);
        }
    }

    /// <param name="outputPosition">Where to look from.</param>
    /// <param name="sourceEnd">Where the source was cut since: what was consumed behind it is gone, and others may be in its place.</param>
    private void CatchUp(long outputPosition, long sourceEnd)
    {
        if (outputPosition < Output.OldestPosition())
        {
            throw OutOfReach();
        }

        long? consumed = LastConsumed(outputPosition, out long end);
        if (consumed is null && end < outputPosition)
        {
            throw OutOfReach();
        }

        if (consumed is not { } position || position == _cursor.Position)
        {
            return;
        }

        if (position <= sourceEnd && !TryMakeDurable(end))
        {
            // Retention goes by the cursor, which waits for a batch that gets to the device.
            Defer(position);
        }
        else
        {
            _cursor.Store(Math.Min(position, sourceEnd));
        }
    }

    // After a power cut the cursor may tell of batches that are not in the output any more, so only the output counts. All of it that is
    // the name's is looked at if the place the cursor knows of is cut off, or nothing is behind it.
    private void CatchUpWithCut(long outputEnd, long sourceEnd)
    {
        long oldest = Output.OldestPosition();
        long from = Math.Max(_cursor.BeganOutput, oldest);
        long known = _cursor.OutputPosition;
        long? consumed = known >= from && known <= outputEnd ? LastConsumed(known, out _) : null;
        if (from <= outputEnd)
        {
            consumed ??= LastConsumed(from, out _);
        }

        if (consumed is null && oldest >= Output.SegmentBytes && oldest > _cursor.BeganOutput)
        {
            throw OutOfReach();
        }

        // Nothing was appended for this name since, or it is all lost.
        long position = consumed ?? _cursor.Began;
        _cursor.Store(Math.Min(position, sourceEnd));
    }

    // The walk starts at the first frame of the segment: nothing else says whether the place is that of a frame, or in a part of the log
    // that was cut since.
    private long? LastConsumed(long from, out long end)
    {
        long? consumed = null;
        using QueueTailer tailer = Output.CreateTailer();
        tailer.Seek((from / Output.SegmentBytes * Output.SegmentBytes) + SegmentLayout.HeaderBytes);
        tailer.Consumed = (segment, offset, word) =>
            consumed = tailer.Position >= from ? ConsumerOffsetFrame.Read(segment, offset, word, SourceId, Name) ?? consumed : consumed;
        IdleStrategy idle = IdleStrategy.Backoff();
        while (!tailer.IsAtEnd)
        {
            // A place somewhere before the end may still be claimed by another writer, dead or alive.
            idle.Idle(tailer.TryRead(out _) ? 1 : 0);
        }

        end = tailer.Position;
        return consumed;
    }

    // Who was killed may have wanted that of the batch, and not have come to it.
    private bool TryMakeDurable(long end)
    {
        try
        {
            Output.WaitDurable(end - FrameLayout.Alignment);
            return true;
        }
        catch (EstreamStorageException)
        {
            return false;
        }
    }

    private EstreamStorageException OutOfReach() => new(
        $"The last process that consumed queue {SourceId:x16} as '{Name}' was killed or lost its power, and what it last appended is not "
        + $"in '{Output.Directory}': given up by "
        + $"retention, or the queue is another one than then. Find out what it did, then delete '{_cursor.Path}' or open the name without "
        + "the output; keep more of the output.",
        _cursor.Path, StorageFailure.NotFound);
}
