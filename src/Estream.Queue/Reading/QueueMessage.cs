using Estream.Queue.Internal;

namespace Estream.Queue;

/// <summary>
/// A message as it lies in the log: no copy. Valid until the tailer that returned it reads on, seeks or is disposed.
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

    /// <summary>The bytes that were appended.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The message's address, which never changes.</summary>
    public long Position { get; }

    /// <summary>The message's number, counted from 0. Without gaps where all appenders were exclusive; shared ones may leave some
    /// out.</summary>
    public long Sequence => _segment.FirstSequence + ((uint)_numberAndTime & ~FrameLayout.BatchFlag);

    /// <summary>When it was appended: nanoseconds since 1970-01-01 UTC, exact to about a millisecond. Never less than its
    /// predecessor's, except by what another shared appender was held up between taking the time and the message's place.</summary>
    public long Time => _segment.BaseTime + ((_numberAndTime >>> 32) * FrameLayout.TimeUnitNanos);
}
