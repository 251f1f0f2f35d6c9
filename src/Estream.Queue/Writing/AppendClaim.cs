namespace Estream.Queue;

/// <summary>
/// Space for one message at the end of the log, written in place. Commit publishes the message; disposing without a commit aborts the
/// claim, and no reader sees its bytes.
/// </summary>
/// <remarks>
/// A claim is used once: after a commit or dispose of one copy, the other copies are invalid, and the span must not be written. In <see
/// cref="AppenderMode.Shared"/> readers wait at an open claim while other appenders continue after it: hold it no longer than it takes to
/// write the message.
/// </remarks>
public readonly ref struct AppendClaim
{
    private readonly QueueAppender? _appender;
    private readonly Span<byte> _span;
    private readonly long _ticket;

    internal AppendClaim(QueueAppender appender, Span<byte> span, long position, long ticket)
    {
        _appender = appender;
        _span = span;
        Position = position;
        _ticket = ticket;
    }

    /// <summary>The claimed bytes. Their initial content is unspecified.</summary>
    public Span<byte> Span => _span;

    /// <summary>The position of the message.</summary>
    public long Position { get; }

    /// <summary>Publishes the first <paramref name="length"/> bytes of <see cref="Span"/> as a message.</summary>
    /// <param name="length">The length in bytes, from 0 to the claimed length.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or exceeds the claimed length.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    public void Commit(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_span.Length, nameof(length));
        Appender.CommitClaim(_ticket, length);
    }

    /// <summary>Publishes the first <paramref name="length"/> bytes of <see cref="Span"/> as a message with the given durability.</summary>
    /// <param name="length">The length in bytes, from 0 to the claimed length.</param>
    /// <param name="durability">As for <see cref="QueueAppender.Append(ReadOnlySpan{byte}, Durability)"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or exceeds the claimed length.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    /// <exception cref="Core.EstreamStorageException">An earlier flush failed, and the claim stays open; or the flush of this message
    /// failed, and the message is published but may not be durable.</exception>
    public void Commit(int length, Durability durability)
    {
        QueueAppender appender = Appender;
        appender.RequireDurable(durability);
        Commit(length);
        appender.MakeDurable(Position, length, durability);
    }

    /// <summary>Publishes all of <see cref="Span"/> as a message.</summary>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    public void Commit() => Commit(_span.Length);

    private QueueAppender Appender =>
        _appender ?? throw new InvalidOperationException(
            "This claim is not valid: it was not made by an appender. Get one from QueueAppender.Claim.");

    /// <summary>Aborts the claim if it was not committed. Idempotent.</summary>
    public void Dispose() => _appender?.AbortClaim(_ticket);
}
