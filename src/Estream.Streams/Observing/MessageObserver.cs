using Estream.Core;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Observing;

/// <summary>
/// Measures the latency of the messages of one pipeline, and traces some of them through its operators. The thread of the pipeline reports
/// messages; any other thread may change the settings and read the results. Allocates nothing per message.
/// </summary>
/// <param name="clock">The clock for latencies.</param>
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

    // Used by the thread of the pipeline only.
    private int _since;
    private bool _isNoted;
    private TraceSlot? _open;

    /// <summary>The latencies measured while <see cref="IsTimed"/>; null until <see cref="Time"/> is first called.</summary>
    public LatencyMeter? Latency => _latency;

    /// <summary>True while latencies are measured.</summary>
    public bool IsTimed => _isTimed;

    /// <summary>The traces that wait to be read; null until tracing is first enabled.</summary>
    public TraceTape? Tape => _tape;

    /// <summary>The number of messages traced.</summary>
    public long Traced => Volatile.Read(ref _traced);

    /// <summary>The number of messages that were due to be traced but were not, because the credits were used up or the tape was
    /// full.</summary>
    public long Untraced => Volatile.Read(ref _untraced);

    /// <summary>The number of messages read while tracing was enabled.</summary>
    public long Seen => Volatile.Read(ref _seen);

    /// <summary>The tracing interval: every n-th message is traced; 0 for none.</summary>
    public int Every => _every;

    /// <summary>The number of messages that may still be traced.</summary>
    public long Credits => Volatile.Read(ref _credits);

    /// <summary>Enables latency measurement from now on; messages that take longer than a limit are also counted exactly.</summary>
    /// <param name="limit">The limit; only the limit of the first call has an effect.</param>
    public void Time(TimeSpan? limit)
    {
        _latency ??= new LatencyMeter(clock, limit);
        _isTimed = true;
    }

    /// <summary>Stops latency measurement.</summary>
    public void StopTiming() => _isTimed = false;

    /// <summary>Traces every n-th message, as long as there are credits.</summary>
    /// <param name="every">1 for all messages, 0 for none.</param>
    public void Trace(int every)
    {
        if (every > 0)
        {
            _tape ??= new TraceTape();
        }

        _every = every;
    }

    /// <summary>Adds credits for tracing more messages.</summary>
    /// <param name="count">The number of credits.</param>
    /// <param name="most">The maximum number of unused credits.</param>
    public void Credit(long count, long most)
    {
        long now = Volatile.Read(ref _credits);
        _ = Interlocked.Add(ref _credits, Math.Min(most, now + count) - now);
    }

    /// <summary>Called when a message is read.</summary>
    /// <param name="message">The message.</param>
    /// <param name="side">0, or 1 for the right queue of a join.</param>
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

    /// <summary>Called when the message was processed or skipped; its results are not committed yet.</summary>
    /// <param name="isPassed">True if the message was skipped.</param>
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

    /// <summary>Called when the last message was not consumed and will be read again.</summary>
    public void Retract()
    {
        if (_isNoted)
        {
            _latency!.Retract();
        }

        _open = null;
    }

    /// <summary>Called when all messages since the last committed results are discarded and will be read again.</summary>
    public void Forget()
    {
        _latency?.Forget();
        _tape?.Forget();
        _open = null;
    }

    /// <summary>Called when the results of all messages so far are committed.</summary>
    public void Complete()
    {
        _latency?.Complete();
        if (_tape is { HasKept: true } tape)
        {
            long now = clock.MonotonicNanos;
            Volatile.Write(ref _traced, _traced + tape.Publish(now, clock.UtcNanos - now));
        }
    }

    /// <summary>Called when the message reaches an element of a stage, or leaves the last stage.</summary>
    /// <param name="place">The index of the element in <c>Step.ElementNames</c>; negative after the last stage.</param>
    public void Visit(int place)
    {
        if (_open is { } trace)
        {
            trace.Visit(place, clock.MonotonicNanos);
        }
    }

    /// <summary>Called when the message is rejected.</summary>
    /// <param name="reason">The reason.</param>
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
