using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// A named reader whose progress is committed by the batches it appends to another queue. The cursor is behind by at most one batch, that
/// of a process that died between the batch and the cursor; the batch is found in the output then, and believed.
/// </summary>
internal sealed class Consumption
{
    private readonly TailerCursor _cursor;

    private Consumption(TailerCursor cursor, EstreamQueue output, long sourceId, string name)
    {
        _cursor = cursor;
        Output = output;
        SourceId = sourceId;
        Name = name;
    }

    public EstreamQueue Output { get; }

    public long SourceId { get; }

    public string Name { get; }

    /// <summary>Begins, or goes on where the last one ended: the cursor is right afterwards.</summary>
    /// <exception cref="EstreamStorageException">The last one was killed, and the output does not reach back far enough to tell how far it was.</exception>
    public static Consumption Begin(TailerCursor cursor, EstreamQueue output, long sourceId, string name)
    {
        var consumption = new Consumption(cursor, output, sourceId, name);
        if (cursor.OutputPosition != 0)
        {
            consumption.CatchUp(cursor.OutputPosition);
        }

        cursor.StoreOutput(output.EndPosition());
        return consumption;
    }

    /// <summary>Follows a batch that was committed. In this order: until the second store the batch is found again.</summary>
    public void Store(long position, long outputPosition)
    {
        _cursor.Store(position);
        _cursor.StoreOutput(outputPosition);
    }

    /// <summary>Follows progress without output, which no batch of before may overrule.</summary>
    public void Store(long position)
    {
        _cursor.StoreOutput(Output.EndPosition());
        _cursor.Store(position);
    }

    /// <summary>Says that there is nothing to catch up with.</summary>
    public void End() => _cursor.StoreOutput(0);

    private void CatchUp(long outputPosition)
    {
        if (outputPosition < Output.OldestPosition())
        {
            throw new EstreamStorageException(
                $"The last process that consumed queue {SourceId:x16} as '{Name}' was killed, and what it last appended to '{Output.Directory}' may have been given up by "
                + $"retention. Find out what it did, then delete '{_cursor.Path}' or open the name without the output; keep more of the output.",
                _cursor.Path, StorageFailure.NotFound);
        }

        long? consumed = null;
        using QueueTailer tailer = Output.CreateTailer();
        tailer.Seek(outputPosition);
        tailer.Consumed = (segment, offset, word) => consumed = ConsumedFrame.Read(segment, offset, word, SourceId, Name) ?? consumed;
        IdleStrategy idle = IdleStrategy.Backoff();
        while (!tailer.IsAtEnd)
        {
            // A place somewhere before the end may still be claimed by another writer, dead or alive.
            idle.Idle(tailer.TryRead(out _) ? 1 : 0);
        }

        if (consumed is { } position)
        {
            _cursor.Store(position);
        }
    }
}
