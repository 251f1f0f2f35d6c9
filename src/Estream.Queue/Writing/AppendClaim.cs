namespace Estream.Queue;

/// <summary>
/// Space for one message at the end of the log, to be written in place. Committing makes the message visible; disposing without
/// committing gives the space up, and nobody ever sees what was written.
/// </summary>
/// <remarks>
/// One claim is used once, by whichever copy comes first. Its span must not be written after that. In <see cref="AppenderMode.Shared"/>
/// readers wait at an open claim, while other appenders go on behind it: do not keep it longer than it takes to write the message.
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

    /// <summary>Where to write the message. Its content at first is unspecified.</summary>
    public Span<byte> Span => _span;

    /// <summary>The position the message will have.</summary>
    public long Position { get; }

    /// <summary>Makes the first <paramref name="length"/> bytes of <see cref="Span"/> a message.</summary>
    /// <param name="length">Bytes, 0 to the claimed length.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than was claimed.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    public void Commit(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_span.Length, nameof(length));
        Appender.CommitClaim(_ticket, length);
    }

    /// <summary>Makes the first <paramref name="length"/> bytes of <see cref="Span"/> a message, and says what it shall survive.</summary>
    /// <param name="length">Bytes, 0 to the claimed length.</param>
    /// <param name="durability">As for <see cref="QueueAppender.Append(ReadOnlySpan{byte}, Durability)"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than was claimed.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    /// <exception cref="Core.EstreamStorageException">A flush failed before, and the claim stays open; or now, and the message is there but
    /// may not be on the device.</exception>
    public void Commit(int length, Durability durability)
    {
        QueueAppender appender = Appender;
        appender.RequireDurable(durability);
        Commit(length);
        appender.MakeDurable(Position, length, durability);
    }

    /// <summary>Makes the whole <see cref="Span"/> a message.</summary>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed, or its appender was disposed.</exception>
    public void Commit() => Commit(_span.Length);

    private QueueAppender Appender =>
        _appender ?? throw new InvalidOperationException("This is no claim: get one from QueueAppender.Claim.");

    /// <summary>Aborts the claim if it was not committed. Idempotent.</summary>
    public void Dispose() => _appender?.AbortClaim(_ticket);
}
