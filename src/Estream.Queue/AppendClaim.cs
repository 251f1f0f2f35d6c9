namespace Estream.Queue;

/// <summary>
/// Space for one message at the end of the log, to be written in place. Committing makes the message visible; disposing without
/// committing gives the space back, and nobody ever sees what was written.
/// </summary>
public ref struct AppendClaim
{
    private readonly QueueAppender _appender;
    private readonly Span<byte> _span;
    private readonly long _offset;
    private bool _open;

    internal AppendClaim(QueueAppender appender, Span<byte> span, long offset)
    {
        _appender = appender;
        _span = span;
        _offset = offset;
        _open = true;
    }

    /// <summary>Where to write the message. Its content at first is unspecified.</summary>
    public readonly Span<byte> Span => _span;

    /// <summary>The position the message will have.</summary>
    public readonly long Position => _appender.BasePosition + _offset;

    /// <summary>Makes the first <paramref name="length"/> bytes of <see cref="Span"/> a message.</summary>
    /// <param name="length">Bytes, 0 to the claimed length.</param>
    /// <exception cref="ArgumentOutOfRangeException">More than was claimed.</exception>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed.</exception>
    public void Commit(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_span.Length, nameof(length));
        Close();
        _appender.CommitClaim(_offset, length);
    }

    /// <summary>Makes the whole <see cref="Span"/> a message.</summary>
    /// <exception cref="InvalidOperationException">The claim was already committed or disposed.</exception>
    public void Commit() => Commit(_span.Length);

    /// <summary>Aborts the claim if it was not committed. Idempotent.</summary>
    public void Dispose()
    {
        if (_open)
        {
            _open = false;
            _appender.AbortClaim();
        }
    }

    private void Close()
    {
        if (!_open)
        {
            throw new InvalidOperationException("This claim is not open any more: it was committed or disposed. Claim again.");
        }

        _open = false;
    }
}
