using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// A message in the mapped log, not copied. Valid until its tailer reads the next message, seeks or is disposed. A payload that is read
/// later never ends the process: it shows the message, zeros, or the bytes of a later message in a reused segment.
/// </summary>
public readonly ref struct QueueMessage
{
    private readonly Segment _segment;
    private readonly long _numberAndTime;

    internal QueueMessage(ReadOnlySpan<byte> payload, long position, long numberAndTime, Segment segment)
    {
        Payload = payload;
        Position = position;
        _numberAndTime = numberAndTime;
        _segment = segment;
    }

    /// <summary>The message bytes.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The position of the message in the log. Never changes.</summary>
    public long Position { get; }

    /// <summary>
    /// The sequence number, counted from 0. Without gaps if all appenders were exclusive; shared appenders may leave gaps.
    /// </summary>
    public long Sequence => _segment.FirstSequence + ((uint)_numberAndTime & ~FrameLayout.BatchFlag);

    /// <summary>
    /// The append time in nanoseconds since 1970-01-01 UTC, accurate to about a millisecond. Never earlier than the previous message,
    /// except by the delay of another shared appender between reading the clock and claiming its space.
    /// </summary>
    public long Time => _segment.BaseTime + ((_numberAndTime >>> 32) * FrameLayout.TimeUnitNanos);
}
