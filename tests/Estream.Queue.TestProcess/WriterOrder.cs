namespace Estream.Queue.TestProcess;

/// <summary>
/// Holds what is read to the promise: of each writer every message, once, in order, whole; and of each batch every message or none, with
/// nothing between them.
/// </summary>
public sealed class WriterOrder
{
    private readonly Dictionary<int, (long Next, long Last)> _seen = [];
    private readonly bool _mayStartAnywhere;
    private WriterMark _before;

    /// <param name="mayStartAnywhere">For a reader that goes on where an earlier one was, also in the middle of a batch.</param>
    public WriterOrder(bool mayStartAnywhere = false)
    {
        _mayStartAnywhere = mayStartAnywhere;
    }

    /// <summary>Messages seen.</summary>
    public long Count { get; private set; }

    /// <summary>Batches of several messages seen to their end.</summary>
    public long Batches { get; private set; }

    /// <summary>How many messages of a writer there were.</summary>
    public long CountOf(int writer) => _seen.GetValueOrDefault(writer).Next;

    /// <summary>The number of the message with which what a writer appended last begins: that message, or its batch.</summary>
    public long LastOf(int writer) => _seen.GetValueOrDefault(writer).Last;

    /// <summary>Takes the next message.</summary>
    /// <exception cref="InvalidOperationException">It is torn, or not the one that was due.</exception>
    public void Add(in QueueMessage message) => Add(message.Payload, message.Position);

    /// <inheritdoc cref="Add(in QueueMessage)"/>
    public void Add(ReadOnlySpan<byte> payload, long position)
    {
        if (!WriterMessage.TryRead(payload, out WriterMark mark))
        {
            throw new InvalidOperationException($"the message at position {position} is torn");
        }

        RequireInBatch(mark, position);
        bool isKnown = _seen.TryGetValue(mark.Writer, out (long Next, long Last) seen);
        if (mark.Number != seen.Next && (isKnown || !_mayStartAnywhere))
        {
            throw new InvalidOperationException($"message {seen.Next} of writer {mark.Writer} was due; {mark.Number} came, at position {position}");
        }

        _seen[mark.Writer] = (mark.Number + 1, mark.Number - mark.Before);
        _before = mark;
        Batches += mark is { Before: > 0, Behind: 0 } ? 1 : 0;
        Count++;
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
        if (_before.Behind > 0 ? mark != due : mark.Before > 0 && !(Count == 0 && _mayStartAnywhere))
        {
            throw new InvalidOperationException($"a part of a batch is missing: behind {_before} came {mark}, at position {position}");
        }
    }
}
