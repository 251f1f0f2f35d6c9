namespace Estream.Host.Remote;

/// <summary>
/// Limits the messages of a subscription, or of all subscriptions of a connection: a token bucket that holds the messages of one second and
/// is full at the start. Thread-safe; several takers may together exceed the limit by what they take at the same moment, which later
/// messages make up for.
/// </summary>
internal sealed class MessagePace
{
    private readonly Lock _gate = new();
    private readonly int _perSecond;
    private readonly MessagePace? _all;
    private readonly TimeProvider _time;
    private double _tokens;
    private long _filled;

    /// <param name="perSecond">The number of messages a second, at least 1.</param>
    /// <param name="time">The clock.</param>
    /// <param name="all">The limit that these messages share with others; null for none.</param>
    public MessagePace(int perSecond, TimeProvider time, MessagePace? all = null)
    {
        (_perSecond, _time, _all, _tokens, _filled) = (perSecond, time, all, perSecond, time.GetTimestamp());
    }

    /// <summary>The number of messages that may be sent now.</summary>
    public int Available
    {
        get
        {
            int mine = (int)Fill();
            return _all is null ? mine : Math.Min(mine, _all.Available);
        }
    }

    /// <summary>The time in which a message may be sent; zero if one may be sent now.</summary>
    private double SecondsLeft => Math.Max(Math.Max(0, (1 - Fill()) / _perSecond), _all?.SecondsLeft ?? 0);

    /// <summary>Counts messages that were sent, at most <see cref="Available"/>.</summary>
    public void Take(int count)
    {
        lock (_gate)
        {
            _tokens -= count;
        }

        _all?.Take(count);
    }

    /// <summary>Waits until a message may be sent.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        while (Available < 1)
        {
            // A timer may fire a moment early.
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(0.001, SecondsLeft)), _time, cancellation).ConfigureAwait(false);
        }
    }

    private double Fill()
    {
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            _tokens = Math.Min(_perSecond, _tokens + (_perSecond * _time.GetElapsedTime(_filled, now).TotalSeconds));
            _filled = now;
            return _tokens;
        }
    }
}
