namespace Estream.Queue.TestProcess;

/// <summary>Holds what is read to the promise: of each writer every message, once, in order, whole.</summary>
public sealed class WriterOrder
{
    private readonly Dictionary<int, long> _next = [];
    private readonly bool _mayStartAnywhere;

    /// <param name="mayStartAnywhere">For a reader that goes on where an earlier one was.</param>
    public WriterOrder(bool mayStartAnywhere = false)
    {
        _mayStartAnywhere = mayStartAnywhere;
    }

    /// <summary>Messages seen.</summary>
    public long Count { get; private set; }

    /// <summary>How many messages of a writer there were.</summary>
    public long CountOf(int writer) => _next.GetValueOrDefault(writer);

    /// <summary>Takes the next message.</summary>
    /// <exception cref="InvalidOperationException">It is torn, or not the one that was due.</exception>
    public void Add(in QueueMessage message) => Add(message.Payload, message.Position);

    /// <inheritdoc cref="Add(in QueueMessage)"/>
    public void Add(ReadOnlySpan<byte> payload, long position)
    {
        if (!WriterMessage.TryRead(payload, out int writer, out long number))
        {
            throw new InvalidOperationException($"the message at position {position} is torn");
        }

        bool isKnown = _next.TryGetValue(writer, out long due);
        if (number != due && (isKnown || !_mayStartAnywhere))
        {
            throw new InvalidOperationException($"message {due} of writer {writer} was due; {number} came, at position {position}");
        }

        _next[writer] = number + 1;
        Count++;
    }
}
