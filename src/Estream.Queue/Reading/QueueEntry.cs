namespace Estream.Queue;

/// <summary>
/// A message in the mapped log, not copied, that may be kept across an <c>await</c>. Valid until its tailer reads the next message, seeks
/// or is disposed; afterwards access to its bytes throws.
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

    /// <summary>The message bytes. Access costs a few nanoseconds.</summary>
    /// <exception cref="InvalidOperationException">The tailer has moved, so the bytes may be overwritten.</exception>
    public ReadOnlySpan<byte> Payload => Valid.PayloadAt(Position, _length);

    /// <summary>The message bytes, for code that awaits while it uses them. Valid as long as this entry.</summary>
    /// <exception cref="InvalidOperationException">The tailer has moved, so the bytes may be overwritten.</exception>
    public ReadOnlyMemory<byte> Memory => Valid.MemoryAt(Position, _length);

    private QueueTailer Valid => _tailer is not null && _tailer.IsLast(Position, _length)
        ? _tailer
        : throw new InvalidOperationException(
            $"The message at position {Position} became invalid when its tailer moved. Use a message before its tailer moves, or "
            + "copy it.");
}
