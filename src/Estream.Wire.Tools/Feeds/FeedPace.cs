using Estream.Core;

namespace Estream.Wire.Tools.Feeds;

/// <summary>Says how many messages are due at a rate. What could not be sent when it was due is not made up for later.</summary>
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

    /// <summary>How many have become due since the last call, those of a second at most.</summary>
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
