namespace Estream.Queue.TestProcess;

/// <summary>
/// Holds what is read to the promise: of each writer every message, once, in order, whole; and of each batch every message or none, with
/// nothing between them.
/// </summary>
public sealed class WriterOrder
{
    private readonly Dictionary<int, (long Next, long Last)> _seen = [];
    private bool _goesOn;
    private WriterMark _before;

    /// <summary>Messages seen, those an earlier reader had included; one that came again is counted once.</summary>
    public long Count { get; private set; }

    /// <summary>Batches of several messages seen to their end.</summary>
    public long Batches { get; private set; }

    /// <summary>How many messages of a writer there were.</summary>
    public long CountOf(int writer) => _seen.GetValueOrDefault(writer).Next;

    /// <summary>The number of the message with which what a writer appended last begins: that message, or its batch.</summary>
    public long LastOf(int writer) => _seen.GetValueOrDefault(writer).Last;

    /// <summary>
    /// Takes up what an earlier reader had of a writer, before the first message. The last message it had may come again, and the first one
    /// be in the middle of a batch; from there on every message is due as if one reader had had them all.
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

    /// <summary>Takes the next message.</summary>
    /// <returns>What it says of itself.</returns>
    /// <exception cref="InvalidOperationException">It is torn, or not the one that was due.</exception>
    public WriterMark Add(in QueueMessage message) => Add(message.Payload, message.Position);

    /// <inheritdoc cref="Add(in QueueMessage)"/>
    public WriterMark Add(ReadOnlySpan<byte> payload, long position)
    {
        if (!WriterMessage.TryRead(payload, out WriterMark mark))
        {
            throw new InvalidOperationException($"the message at position {position} is torn");
        }

        RequireInBatch(mark, position);
        (long Next, long Last) seen = _seen.GetValueOrDefault(mark.Writer);
        bool isAgain = _goesOn && mark.Number == seen.Next - 1;
        if (mark.Number != seen.Next && !isAgain)
        {
            throw new InvalidOperationException(
                $"message {seen.Next} of writer {mark.Writer} was due; {mark.Number} came, at position {position}");
        }

        _seen[mark.Writer] = (mark.Number + 1, mark.Number - mark.Before);
        _before = mark;
        _goesOn = false;
        Batches += mark is { Before: > 0, Behind: 0 } ? 1 : 0;
        Count += isAgain ? 0 : 1;
        return mark;
    }

    /// <summary>Hears that there is nothing more to read for now. Of a batch that has begun everything has to be there by then.</summary>
    /// <exception cref="InvalidOperationException">Some of it is not.</exception>
    public void EndOfLog()
    {
        if (_before.Behind > 0)
        {
            throw new InvalidOperationException($"behind {_before} the rest of its batch is missing");
        }
    }

    private void RequireInBatch(WriterMark mark, long position)
    {
        WriterMark due = _before with { Number = _before.Number + 1, Before = _before.Before + 1, Behind = _before.Behind - 1 };
        if (_before.Behind > 0 ? mark != due : mark.Before > 0 && !_goesOn)
        {
            throw new InvalidOperationException($"a part of a batch is missing: behind {_before} came {mark}, at position {position}");
        }
    }
}
