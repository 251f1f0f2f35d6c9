using Estream.Core;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Observing;

/// <summary>
/// What is seen of the messages of one pipeline: how long they take, and of some of them, which way they go. Told by the thread of the
/// pipeline; how much is looked at is set, and what was seen is read, from any other. Allocates nothing for a message.
/// </summary>
/// <param name="clock">What messages are timed by.</param>
internal sealed class MessageObserver(IClock clock)
{
    private volatile LatencyMeter? _latency;
    private volatile TraceTape? _tape;
    private volatile int _every;
    private volatile bool _isTimed;
    private long _credits;
    private long _traced;
    private long _untraced;
    private long _seen;

    // Of the thread of the pipeline alone.
    private int _since;
    private bool _isNoted;
    private TraceSlot? _open;

    /// <summary>Times messages while <see cref="IsTimed"/>; null as long as nobody has asked for it.</summary>
    public LatencyMeter? Latency => _latency;

    /// <summary>Whether messages are timed.</summary>
    public bool IsTimed => _isTimed;

    /// <summary>Where traces lie until somebody takes them; null as long as nobody has asked for any.</summary>
    public TraceTape? Tape => _tape;

    /// <summary>How many messages were traced.</summary>
    public long Traced => Volatile.Read(ref _traced);

    /// <summary>How many were to be traced and were not, since the budget was used up or nobody took those before.</summary>
    public long Untraced => Volatile.Read(ref _untraced);

    /// <summary>How many messages came while some were to be traced.</summary>
    public long Seen => Volatile.Read(ref _seen);

    /// <summary>Each so many-th message is traced; 0 where none is.</summary>
    public int Every => _every;

    /// <summary>How many more messages may be traced.</summary>
    public long Credits => Volatile.Read(ref _credits);

    /// <summary>Has messages timed from now on, with those that take longer than a limit counted apart.</summary>
    /// <param name="limit">The limit; that of the first call counts.</param>
    public void Time(TimeSpan? limit)
    {
        _latency ??= new LatencyMeter(clock, limit);
        _isTimed = true;
    }

    /// <summary>Has no more messages timed.</summary>
    public void StopTiming() => _isTimed = false;

    /// <summary>Has each so many-th message traced, as long as there are credits.</summary>
    /// <param name="every">1 for all, 0 for none.</param>
    public void Trace(int every)
    {
        if (every > 0)
        {
            _tape ??= new TraceTape();
        }

        _every = every;
    }

    /// <summary>Lets so many more messages be traced.</summary>
    /// <param name="count">How many.</param>
    /// <param name="most">What has gathered unused does not go beyond this.</param>
    public void Credit(long count, long most)
    {
        long now = Volatile.Read(ref _credits);
        _ = Interlocked.Add(ref _credits, Math.Min(most, now + count) - now);
    }

    /// <summary>A message is taken.</summary>
    /// <param name="message">The message.</param>
    /// <param name="side">0, and 1 for the other queue of a join.</param>
    public void Take(scoped in QueueMessage message, int side)
    {
        _isNoted = _isTimed;
        if (_isNoted)
        {
            _latency!.Note(message.Time);
        }

        if (_every is > 0 and int every)
        {
            Volatile.Write(ref _seen, _seen + 1);
            if (++_since >= every)
            {
                _since = 0;
                Begin(in message, side);
            }
        }
    }

    /// <summary>What is to be done with the message now is done.</summary>
    /// <param name="isPassed">Whether it was none to be taken.</param>
    public void Taken(bool isPassed)
    {
        if (_open is { } trace)
        {
            trace.IsPassed = isPassed;
            trace.EndedAt = clock.MonotonicNanos;
            _tape!.Keep();
            _open = null;
        }
    }

    /// <summary>The message that was taken last was not, and comes again.</summary>
    public void Retract()
    {
        if (_isNoted)
        {
            _latency!.Retract();
        }

        _open = null;
    }

    /// <summary>Nothing became of the messages since the last time something was permanent: they come again.</summary>
    public void Forget()
    {
        _latency?.Forget();
        _tape?.Forget();
        _open = null;
    }

    /// <summary>What became of all messages so far is permanent.</summary>
    public void Complete()
    {
        _latency?.Complete();
        if (_tape is { HasKept: true } tape)
        {
            long now = clock.MonotonicNanos;
            Volatile.Write(ref _traced, _traced + tape.Publish(now, clock.UtcNanos - now));
        }
    }

    /// <summary>The message is at a place.</summary>
    /// <param name="place">Its number, which whoever reads the trace knows.</param>
    public void Visit(int place)
    {
        if (_open is { } trace)
        {
            trace.Visit(place, clock.MonotonicNanos);
        }
    }

    /// <summary>The message is rejected.</summary>
    /// <param name="reason">Why.</param>
    public void Reject(string reason)
    {
        if (_open is { } trace)
        {
            trace.Reason = reason;
        }
    }

    private void Begin(scoped in QueueMessage message, int side)
    {
        if (Volatile.Read(ref _credits) > 0 && _tape!.TryBegin() is { } trace)
        {
            _ = Interlocked.Decrement(ref _credits);
            trace.Begin(in message, side, clock.MonotonicNanos);
            _open = trace;
        }
        else
        {
            Volatile.Write(ref _untraced, _untraced + 1);
        }
    }
}
