using System.Runtime.CompilerServices;

namespace Estream.Queue;

/// <summary>
/// Space for several messages that readers see together or not at all, also when the writer dies while it commits. Write a message into
/// <see cref="Span"/>, <see cref="Add"/> it, and so on; <see cref="Commit()"/> shows them all. Disposing without committing shows none.
/// </summary>
/// <remarks>One batch is used once, by whichever copy comes first, on the thread of its appender. Allocates nothing.</remarks>
public readonly ref struct BatchClaim
{
    private readonly QueueAppender? _appender;
    private readonly long _ticket;

    internal BatchClaim(QueueAppender appender, long position, long ticket)
    {
        _appender = appender;
        Position = position;
        _ticket = ticket;
    }

    /// <summary>The position the first message will have.</summary>
    public long Position { get; }

    /// <summary>Messages added so far.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public int Count => Appender.BatchOf(_ticket).Count;

    /// <summary>Where to write the next message: all that is left of the bytes. Empty when as many messages were added as were
    /// claimed.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public Span<byte> Span => Appender.BatchOf(_ticket).Free;

    private QueueAppender Appender =>
        _appender ?? throw new InvalidOperationException("This is no batch: get one from QueueAppender.ClaimBatch.");

    /// <summary>Makes the first <paramref name="length"/> bytes of <see cref="Span"/> the next message of the batch.</summary>
    /// <param name="length">Bytes, 0 to the length of <see cref="Span"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than that.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, or was already committed or disposed.</exception>
    public void Add(int length) => Appender.AddToBatch(_ticket, length);

    /// <summary>Copies a message into the batch.</summary>
    /// <param name="payload">Its bytes; none are allowed. They must not lie in <see cref="Span"/>: what was written there is for
    /// <see cref="Add"/>.</param>
    /// <exception cref="ArgumentException">It is longer than what is left of the claimed bytes.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, or was already committed or disposed.</exception>
    public void Append(ReadOnlySpan<byte> payload)
    {
        if (!Appender.BatchOf(_ticket).TryAppend(payload))
        {
            Refuse(payload);
        }
    }

    /// <summary>Shows the messages to readers, all at once. A batch without messages leaves nothing.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed, or its appender was.</exception>
    public void Commit()
    {
        QueueAppender appender = Appender;
        appender.CommitBatch(_ticket);
        appender.StoreConsumedOffset();
    }

    /// <summary>Shows the messages to readers, all at once, and says what they shall survive: together, as they become visible.</summary>
    /// <param name="durability">As for <see cref="QueueAppender.Append(ReadOnlySpan{byte}, Durability)"/>.</param>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed, or its appender was.</exception>
    /// <exception cref="Core.EstreamStorageException">A flush failed before, and the batch stays open; or now, and the messages are there
    /// but may not be on the device.</exception>
    public void Commit(Durability durability)
    {
        QueueAppender appender = Appender;
        long bytes = appender.BatchBytes(_ticket, out bool isEmpty);
        appender.RequireDurable(durability);
        appender.CommitBatch(_ticket);
        if (!isEmpty)
        {
            appender.MakeDurable(Position, bytes, durability);
        }

        // Behind the flush: retention must not give up what was consumed as long as a power cut can take the output.
        appender.StoreConsumedOffset();
    }

    /// <summary>Gives the batch up if it was not committed. Idempotent.</summary>
    public void Dispose() => _appender?.AbortClaim(_ticket);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(ReadOnlySpan<byte> payload)
    {
        Span<byte> free = Span;
        if (payload.Length > free.Length)
        {
            throw new ArgumentException(
                $"A message of {payload.Length} bytes does not fit in the {free.Length} bytes left of the batch. Claim more.",
                nameof(payload));
        }

        // One too many.
        Add(payload.Length);
    }
}
