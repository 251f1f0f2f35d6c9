using System.Globalization;
using Estream.Core;
using Estream.Queue;

namespace Estream.Circuits.Triggers;

/// <summary>A timer input of a circuit, which writes ticks when they are due. A failure is reported and retried with increasing delays.
/// Thread-safe.</summary>
internal sealed class CircuitTimer : IDisposable
{
    /// <summary>The wait that a timer returns while it is not running.</summary>
    public const long Never = long.MaxValue;

    private const long FirstRetryNanos = 100_000_000;
    private const long LastRetryNanos = 5_000_000_000;
    private const long NanosPerMilli = 1_000_000;

    // Smaller steps backwards, as from clock synchronisation, are not reported.
    private const long ToleratedNanos = 60_000_000_000;

    private readonly Lock _lock = new();
    private readonly long _every;
    private readonly TickQueue _queue;
    private readonly IClock _clock;
    private readonly Func<bool> _isThrottled;
    private readonly Action<string> _failed;
    private DueTimes? _due;
    private long _retryNanos = FirstRetryNanos;
    private long _retryAt;
    private long _failures;
    private long _written;
    private volatile string? _failure;

    /// <param name="input">The input.</param>
    /// <param name="queue">The queue of the timer.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="isHeldUp">Returns true while no tick may be written.</param>
    /// <param name="failed">Called with the reason when the timer cannot continue, once for each change of the reason.</param>
    /// <exception cref="EstreamException">Another appender has the queue open, or the queue cannot be read or written.</exception>
    public CircuitTimer(CircuitPort input, EstreamQueue queue, IClock clock, Func<bool> isHeldUp, Action<string> failed)
    {
        _every = input.Every!.Value.Ticks * TimeSpan.NanosecondsPerTick;
        (_clock, _isThrottled, _failed) = (clock, isHeldUp, failed);
        _queue = new TickQueue(queue);
    }

    /// <summary>Why the timer makes no progress; null if it makes progress.</summary>
    public string? Failure => _failure;

    /// <summary>The number of failures. Each was retried.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>The number of ticks written since the timer was opened.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Starts the timer after the last tick in the queue.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _due = new DueTimes(_every, _queue.LastDue, _clock.UtcNanos);
        }
    }

    /// <summary>Stops the timer: nothing is written any more. Idempotent.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _due = null;
        }
    }

    /// <summary>Writes the tick that is due, if any.</summary>
    /// <returns>The nanoseconds until the next action is due, by the current clock; <see cref="Never"/> if the timer is not
    /// running.</returns>
    public long RunDue()
    {
        string? told = _failure;
        string? failure;
        long wait;
        lock (_lock)
        {
            if (_due is not { } due)
            {
                return Never;
            }

            if (_failure is not null && _retryAt - _clock.MonotonicNanos is > 0 and long left)
            {
                return left;
            }

            wait = Write(due);
            failure = _failure;
        }

        if (failure is not null && failure != told)
        {
            _failed(failure);
        }

        return wait;
    }

    public void Dispose()
    {
        Stop();
        _queue.Dispose();
    }

    private long Write(DueTimes due)
    {
        long now = _clock.UtcNanos;
        if (!due.TryGetDue(now, out long at, out long missed))
        {
            return due.Last - now > ToleratedNanos ? Fail(Behind(due.Last)) : NextWait(due.Next - now);
        }

        if (_isThrottled())
        {
            return FirstRetryNanos;
        }

        try
        {
            _queue.Append(at, missed);
        }
        catch (Exception failure) when (failure is EstreamException or InvalidOperationException)
        {
            return Fail(failure.Message);
        }

        due.Take(at);
        Volatile.Write(ref _written, _written + 1);
        return NextWait(due.Next - now);
    }

    private long NextWait(long wait)
    {
        _failure = null;
        _retryNanos = FirstRetryNanos;
        return wait;
    }

    private long Fail(string reason)
    {
        _failure = reason;
        Volatile.Write(ref _failures, _failures + 1);
        long wait = _retryNanos;
        _retryAt = _clock.MonotonicNanos + wait;
        _retryNanos = Math.Min(wait * 2, LastRetryNanos);
        return wait;
    }

    private string Behind(long last) => string.Create(
        CultureInfo.InvariantCulture,
        $"the clock is before {DateTimeOffset.FromUnixTimeMilliseconds(last / NanosPerMilli):u}, the due time "
        + $"of the last tick in '{_queue.Directory}'. No due time occurs twice, so the "
        + $"timer continues after that time. If the clock was wrong then, give the timer another queue");
}
