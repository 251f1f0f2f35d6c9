using System.Runtime.CompilerServices;

namespace Estream.Queue;

/// <summary>
/// Space for several messages that become visible together or not at all, even if the writer crashes during the commit. Write a message
/// into <see cref="Span"/>, call <see cref="Add"/>, repeat; <see cref="Commit()"/> publishes all of them. Disposing without a commit
/// publishes none.
/// </summary>
/// <remarks>A batch is used once and on the thread of its appender: after a commit or dispose of one copy, the other copies are invalid.
/// Allocates nothing.</remarks>
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

    /// <summary>The position of the first message.</summary>
    public long Position { get; }

    /// <summary>The number of messages added.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public int Count => Appender.BatchOf(_ticket).Count;

    /// <summary>The remaining bytes, for the next message. Empty when the claimed number of messages was added.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed.</exception>
    public Span<byte> Span => Appender.BatchOf(_ticket).Free;

    private QueueAppender Appender =>
        _appender ?? throw new InvalidOperationException(
            "This batch is not valid: it was not made by an appender. Get one from QueueAppender.ClaimBatch.");

    /// <summary>Adds the first <paramref name="length"/> bytes of <see cref="Span"/> as the next message of the batch.</summary>
    /// <param name="length">The length in bytes, from 0 to the length of <see cref="Span"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or exceeds <see cref="Span"/>.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, or was already committed or disposed.</exception>
    public void Add(int length) => Appender.AddToBatch(_ticket, length);

    /// <summary>Copies a message into the batch.</summary>
    /// <param name="payload">The message bytes; may be empty. Must not overlap <see cref="Span"/>: use <see cref="Add"/> for bytes written
    /// there.</param>
    /// <exception cref="ArgumentException">The message exceeds the remaining bytes.</exception>
    /// <exception cref="InvalidOperationException">The batch is full, or was already committed or disposed.</exception>
    public void Append(ReadOnlySpan<byte> payload)
    {
        if (!Appender.BatchOf(_ticket).TryAppend(payload))
        {
            Refuse(payload);
        }
    }

    /// <summary>Publishes all messages at once. A batch without messages appends nothing.</summary>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed, or its appender was.</exception>
    public void Commit()
    {
        QueueAppender appender = Appender;
        appender.CommitBatch(_ticket);
        appender.StoreConsumedOffset();
    }

    /// <summary>Publishes all messages at once with the given durability, which holds for the whole batch.</summary>
    /// <param name="durability">As for <see cref="QueueAppender.Append(ReadOnlySpan{byte}, Durability)"/>.</param>
    /// <exception cref="InvalidOperationException">The batch was already committed or disposed, or its appender was.</exception>
    /// <exception cref="Core.EstreamStorageException">An earlier flush failed, and the batch stays open; or the flush of this batch failed,
    /// and the messages are published but may not be durable.</exception>
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

        // Stored after the flush: retention must keep the consumed messages as long as a power cut can lose the output.
        appender.StoreConsumedOffset();
    }

    /// <summary>Aborts the batch if it was not committed. Idempotent.</summary>
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

        // Add throws, because the batch is full.
        Add(payload.Length);
    }
}
