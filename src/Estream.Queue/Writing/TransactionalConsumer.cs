using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// A named reader whose progress is committed with the batches it appends to another queue. When a process dies between the
/// batch and the cursor, the cursor is one batch behind; the next reader finds that batch in the output. After a power cut the cursor may
/// be ahead of the output, and the output ahead of the source. The cursor therefore records which recoveries of source and output it has
/// applied.
/// </summary>
internal sealed class TransactionalConsumer
{
    // Often enough to refresh before retention can delete a segment of the output that the cursor needs.
    private const int RefreshesPerSegment = 4;

    private readonly TailerCursor _cursor;
    private readonly QueueFiles _source;
    private bool _isBehind;

    private TransactionalConsumer(TailerCursor cursor, EstreamQueue output, QueueFiles source, string name)
    {
        _cursor = cursor;
        _source = source;
        Output = output;
        Name = name;
    }

    public EstreamQueue Output { get; }

    public long SourceId => _source.QueueId;

    public string Name { get; }

    /// <summary>
    /// The position where the reader continues after its last batch. Later than the stored cursor if the flush of the batch failed.
    /// </summary>
    public long Position { get; private set; }

    /// <summary>Throws if the reader has lost its right to consume; null if it cannot lose the right.</summary>
    public Action? RequireOwner { get; set; }

    /// <summary>Whether the reader has moved beyond what counts as consumed.</summary>
    public bool IsAhead(long position) => position != (_isBehind ? Position : _cursor.Position);

    /// <summary>Starts at the cursor, or continues where the last reader of this name stopped.</summary>
    /// <exception cref="EstreamStorageException">The last reader crashed, and retention has deleted the part of the output that would tell
    /// its progress.</exception>
    public static TransactionalConsumer Begin(TailerCursor cursor, EstreamQueue source, EstreamQueue output, string name)
    {
        var transactional = new TransactionalConsumer(cursor, output, source.Files, name);
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
            // The start is made durable before anything is consumed. Then a name without a start has no output, and messages that replaced
            // lost ones are not taken for consumed. If this process crashes here, the next process repeats these steps, whatever the stores
            // below have written.
            cursor.IsUnsettled = true;
            if (isFirst)
            {
                // Any batch before the present end of the output belongs to a deleted name.
                cursor.StoreBeganOutput(end);
                cursor.StoreBegan(cursor.Position);
            }
            else if (isOutputCut)
            {
                // Recovery of the output has made everything before its end durable. Batches there may refer to messages that the source
                // has lost and replaced.
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

    /// <summary>Stops reading the position from an output: from now on the name is used without an output.</summary>
    public static void Forget(TailerCursor cursor)
    {
        if (cursor.Began != 0 || cursor.OutputPosition != 0)
        {
            cursor.StoreOutput(0);
            cursor.StoreBegan(0);
        }
    }

    /// <summary>Records a committed batch that the cursor does not store yet.</summary>
    public void Defer(long position) => (Position, _isBehind) = (position, true);

    /// <summary>
    /// Stores the cursor after a committed batch. The order matters: until the second store the batch is found in the output.
    /// </summary>
    public void Store(long position, long outputPosition)
    {
        _isBehind = false;
        _cursor.Store(position);
        _cursor.StoreOutput(outputPosition);
    }

    /// <summary>
    /// Stores progress without output. An earlier batch in the output must not overrule this progress, and a batch that the cursor does not
    /// store yet must not be lost.
    /// </summary>
    public void Store(long position)
    {
        RequireOwner?.Invoke();
        long end = Output.EndPosition();
        if (_isBehind)
        {
            _cursor.Store(Position);
        }

        _cursor.StoreOutput(end);
        _cursor.Store(position);
        _isBehind = false;
    }

    /// <summary>Moves the start of the search for batches to the end of the output, if the start is a quarter of a segment or more before
    /// the end. Otherwise retention of the output could delete the start, if the reader gets no messages.</summary>
    /// <param name="end">A position in the output after all batches of this reader.</param>
    /// <returns>Whether the start was moved. Then the output and the cursor were flushed.</returns>
    /// <exception cref="EstreamStorageException">The flush failed.</exception>
    public bool Refresh(long end)
    {
        if (_isBehind || end - _cursor.OutputPosition < Output.SegmentBytes / RefreshesPerSegment)
        {
            return false;
        }

        _cursor.StoreOutput(end);
        if (Output.IngressDurability != Durability.Quorum)
        {
            // After a power cut, the reader starts at Began if the output has no batch after BeganOutput. So all batches before
            // BeganOutput must be durable. The order of the stores is that of Begin.
            Output.WaitFlushed(end - FrameLayout.Alignment, CancellationToken.None);
            _cursor.IsUnsettled = true;
            _cursor.StoreBegan(_cursor.Position);
            _cursor.StoreBeganOutput(end);
            _cursor.MakeDurable(_source);
            _cursor.IsUnsettled = false;
        }

        return true;
    }

    /// <summary>Marks the cursor as complete, unless the flush of a batch failed and the cursor does not contain that batch.</summary>
    public void End()
    {
        if (!_isBehind)
        {
            _cursor.StoreOutput(0);
        }
    }

    /// <param name="outputPosition">The position in the output to start from.</param>
    /// <param name="sourceEnd">Where recovery truncated the source: consumed messages after it are gone, and others may have replaced
    /// them.</param>
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
            // The output is not durable, so the cursor stays, and retention keeps the source messages. The cursor advances when a later
            // batch is durable.
            Defer(position);
        }
        else
        {
            _cursor.Store(Math.Min(position, sourceEnd));
        }
    }

    // After a power cut the cursor may refer to batches that the output has lost, so only the output counts. Scans the output from the
    // position in the cursor. If that position was truncated or no batch of the name follows it, scans the whole part of the output that
    // belongs to the name.
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

        // If no batch is found, none was appended for this name since it began, or all its batches were lost.
        long position = consumed ?? _cursor.Began;
        _cursor.Store(Math.Min(position, sourceEnd));
    }

    // Scans from the first frame of the segment. Only such a scan tells whether a frame starts at the position or recovery has truncated
    // it.
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
            // Another writer, alive or dead, may hold a claim somewhere before the end.
            idle.Idle(tailer.TryRead(out _) ? 1 : 0);
        }

        end = tailer.Position;
        return consumed;
    }

    // A crashed process may have requested the flush of the batch and not completed it.
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
        $"The last process that consumed queue {SourceId:x16} as '{Name}' crashed, and its last output is not in '{Output.Directory}': "
        + $"retention deleted it, or the output was replaced. Find out how far it read, then delete '{_cursor.Path}' or open the name "
        + "without the output. Retain more of the output to prevent this.",
        _cursor.Path, StorageFailure.NotFound);
}
