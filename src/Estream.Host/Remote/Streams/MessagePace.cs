namespace Estream.Host.Remote;

/// <summary>
/// Limits the messages of a subscription: a token bucket that holds the messages of one second and is full at the start. Used by one task.
/// </summary>
internal sealed class MessagePace
{
    private readonly int _perSecond;
    private readonly TimeProvider _time;
    private double _tokens;
    private long _filled;

    /// <param name="perSecond">The number of messages a second, at least 1.</param>
    /// <param name="time">The clock.</param>
    public MessagePace(int perSecond, TimeProvider time)
    {
        (_perSecond, _time, _tokens, _filled) = (perSecond, time, perSecond, time.GetTimestamp());
    }

    /// <summary>The number of messages that may be sent now.</summary>
    public int Available
    {
        get
        {
            long now = _time.GetTimestamp();
            _tokens = Math.Min(_perSecond, _tokens + (_perSecond * _time.GetElapsedTime(_filled, now).TotalSeconds));
            _filled = now;
            return (int)_tokens;
        }
    }

    /// <summary>Counts messages that were sent, at most <see cref="Available"/>.</summary>
    public void Take(int count) => _tokens -= count;

    /// <summary>Waits until a message may be sent.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        while (Available < 1)
        {
            // A timer may fire a moment early.
            double seconds = Math.Max(0.001, (1 - _tokens) / _perSecond);
            await Task.Delay(TimeSpan.FromSeconds(seconds), _time, cancellation).ConfigureAwait(false);
        }
    }
}
