using Estream.Core;

namespace Estream.Wire.Tools.Feeds;

/// <summary>Computes the number of messages due at a rate. Messages that could not be sent in time are dropped, not sent later.</summary>
internal sealed class FeedPace
{
    private const double NanosPerSecond = 1e9;

    private readonly double _messagesPerSecond;
    private readonly IClock _clock;
    private double _due;
    private long _last;

    public FeedPace(double messagesPerSecond, IClock clock)
    {
        _messagesPerSecond = messagesPerSecond;
        _clock = clock;
        _last = clock.MonotonicNanos;
    }

    /// <summary>The number of messages due since the last call, at most the messages of one second.</summary>
    public long Take()
    {
        long now = _clock.MonotonicNanos;
        _due = Math.Min(_due + ((now - _last) * _messagesPerSecond / NanosPerSecond), Math.Max(1, _messagesPerSecond));
        _last = now;
        long whole = (long)_due;
        _due -= whole;
        return whole;
    }
}
