namespace Estream.Queue;

/// <summary>
/// A message as it lies in the log, in a form that may be kept across an <c>await</c>: no copy. Valid until the tailer that returned it is
/// asked for the next message, seeks or is disposed; after that its bytes are refused.
/// </summary>
public readonly struct QueueEntry
{
    private readonly QueueTailer? _tailer;
    private readonly int _length;

    internal QueueEntry(QueueTailer tailer, in QueueMessage message)
    {
        _tailer = tailer;
        _length = message.Payload.Length;
        Position = message.Position;
        Sequence = message.Sequence;
        Time = message.Time;
    }

    /// <inheritdoc cref="QueueMessage.Position"/>
    public long Position { get; }

    /// <inheritdoc cref="QueueMessage.Sequence"/>
    public long Sequence { get; }

    /// <inheritdoc cref="QueueMessage.Time"/>
    public long Time { get; }

    /// <summary>The bytes that were appended. A few nanoseconds.</summary>
    /// <exception cref="InvalidOperationException">The tailer has gone on, so the bytes may be gone.</exception>
    public ReadOnlySpan<byte> Payload => Valid.PayloadAt(Position, _length);

    /// <summary>The same bytes, for what awaits while it uses them. Not to be kept longer than this entry is valid.</summary>
    /// <exception cref="InvalidOperationException">The tailer has gone on, so the bytes may be gone.</exception>
    public ReadOnlyMemory<byte> Memory => Valid.MemoryAt(Position, _length);

    private QueueTailer Valid => _tailer is not null && _tailer.IsLast(Position, _length)
        ? _tailer
        : throw new InvalidOperationException(
            $"The message at position {Position} is not valid any more: its tailer has gone on. Use a message before the next one is "
            + "asked for, or copy it.");
}
