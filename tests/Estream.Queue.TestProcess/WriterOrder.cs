namespace Estream.Queue.TestProcess;

/// <summary>Checks the guarantees of readers: every message of each writer is read once, in order and whole. All messages of a batch are
/// read, or none is, and no other message is between them.</summary>
public sealed class WriterOrder
{
    private readonly Dictionary<int, (long Next, long Last)> _seen = [];
    private bool _goesOn;
    private WriterMark _before;

    /// <summary>The number of messages read, including those of earlier readers. A repeated message counts once.</summary>
    public long Count { get; private set; }

    /// <summary>The number of batches of several messages read to their end.</summary>
    public long Batches { get; private set; }

    /// <summary>The number of messages of a writer that were read, including those of earlier readers.</summary>
    public long CountOf(int writer) => _seen.GetValueOrDefault(writer).Next;

    /// <summary>Returns the number of the writer's last message, or of the first message in its batch.</summary>
    public long LastOf(int writer) => _seen.GetValueOrDefault(writer).Last;

    /// <summary>
    /// Continues the count of an earlier reader for a writer. Call before the first message. That message may be the earlier reader's last
    /// one again, or in the middle of a batch. Later messages are checked as if one reader had read all.
    /// </summary>
    public void GoOn(int writer, long count)
    {
        if (count > 0)
        {
            _seen[writer] = (count, count - 1);
            _goesOn = true;
            Count += count;
        }
    }

    /// <summary>Checks the next message.</summary>
    /// <returns>The header of the message.</returns>
    /// <exception cref="InvalidOperationException">The message is torn or is not the expected one.</exception>
    public WriterMark Add(in QueueMessage message) => Add(message.Payload, message.Position);

    /// <inheritdoc cref="Add(in QueueMessage)"/>
    public WriterMark Add(ReadOnlySpan<byte> payload, long position)
    {
        if (!WriterMessage.TryRead(payload, out WriterMark mark))
        {
            throw new InvalidOperationException($"the message at position {position} is torn; a whole message was expected");
        }

        RequireInBatch(mark, position);
        (long Next, long Last) seen = _seen.GetValueOrDefault(mark.Writer);
        bool isAgain = _goesOn && mark.Number == seen.Next - 1;
        if (mark.Number != seen.Next && !isAgain)
        {
            throw new InvalidOperationException(
                $"the reader returned message {mark.Number} of writer {mark.Writer} at position {position}; {seen.Next} was expected");
        }

        _seen[mark.Writer] = (mark.Number + 1, mark.Number - mark.Before);
        _before = mark;
        _goesOn = false;
        Batches += mark is { Before: > 0, Behind: 0 } ? 1 : 0;
        Count += isAgain ? 0 : 1;
        return mark;
    }

    /// <summary>Called when there is nothing more to read for now. A batch that has begun must be complete at this point.</summary>
    /// <exception cref="InvalidOperationException">A batch is incomplete.</exception>
    public void EndOfLog()
    {
        if (_before.Behind > 0)
        {
            throw new InvalidOperationException($"the log ends after {_before}; {_before.Behind} more messages of its batch were expected");
        }
    }

    private void RequireInBatch(WriterMark mark, long position)
    {
        WriterMark due = _before with { Number = _before.Number + 1, Before = _before.Before + 1, Behind = _before.Behind - 1 };
        if (_before.Behind > 0 ? mark != due : mark.Before > 0 && !_goesOn)
        {
            throw new InvalidOperationException(_before.Behind > 0
                ? $"the reader returned {mark} at position {position} after {_before}; {due} of the same batch was expected"
                : $"the reader returned {mark} at position {position} after {_before}; the first message of a batch was expected");
        }
    }
}
