using Estream.Core;

namespace Estream.Wire.Modbus.Polling;

/// <summary>A timer of a <see cref="TimerWheel"/>. Reusable; in the wheel at most once.</summary>
internal abstract class WheelTimer
{
    internal WheelTimer? Next;
    internal WheelTimer? Previous;
    internal long DueTick;
    internal int Slot = -1;

    /// <summary>Called on the thread of the wheel, without its lock. Must return soon.</summary>
    /// <param name="now">The monotonic time in nanoseconds.</param>
    public abstract void Fire(long now);
}

/// <summary>
/// A hashed timing wheel with ticks of one millisecond and one thread. Setting, cancelling and firing a timer take constant time and
/// allocate nothing, however many timers there are. Thread-safe.
/// </summary>
internal sealed class TimerWheel : IDisposable
{
    public const long NanosPerTick = 1_000_000;

    private const int Slots = 4_096;
    private const int MaxWaitTicks = 1_000;

    private readonly IClock _clock;
    private readonly WheelTimer?[] _slots = new WheelTimer?[Slots];
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _signal = new(initialState: false);
    private readonly Thread? _thread;
    private readonly Action<Exception>? _onFault;
    private long _tick;
    private long _sleepsUntil;
    private volatile bool _isDisposed;

    /// <param name="clock">The clock of the ticks.</param>
    /// <param name="name">The name of the thread; null to call <see cref="Advance"/> by hand.</param>
    /// <param name="onFault">Receives the exceptions of timers; the others still fire. Null: exceptions are thrown.</param>
    public TimerWheel(IClock clock, string? name, Action<Exception>? onFault = null)
    {
        _clock = clock;
        _onFault = onFault;
        _tick = clock.MonotonicNanos / NanosPerTick;
        if (name is not null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = name, Priority = ThreadPriority.AboveNormal };
            _thread.Start();
        }
    }

    /// <summary>Sets a timer, or moves it if it is set.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="due">When it fires, in monotonic nanoseconds; at the next tick if that is past.</param>
    public void Set(WheelTimer timer, long due)
    {
        bool isSooner;
        lock (_gate)
        {
            Unlink(timer);
            timer.DueTick = Math.Max(_tick + 1, (due + NanosPerTick - 1) / NanosPerTick);
            timer.Slot = (int)(timer.DueTick % Slots);
            timer.Previous = null;
            timer.Next = _slots[timer.Slot];
            if (timer.Next is { } next)
            {
                next.Previous = timer;
            }

            _slots[timer.Slot] = timer;
            isSooner = timer.DueTick < _sleepsUntil;
        }

        if (isSooner)
        {
            _signal.Set();
        }
    }

    /// <summary>Cancels a timer. It may be firing on the thread of the wheel at this moment.</summary>
    public void Cancel(WheelTimer timer)
    {
        lock (_gate)
        {
            Unlink(timer);
        }
    }

    /// <summary>Fires the timers that are due.</summary>
    /// <param name="now">The monotonic time in nanoseconds.</param>
    public void Advance(long now)
    {
        long last = now / NanosPerTick;
        while (TakeDue(last) is { } timer)
        {
            try
            {
                timer.Fire(_clock.MonotonicNanos);
            }
            catch (Exception failure) when (_onFault is not null)
            {
                _onFault(failure);
            }
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _signal.Set();
        if (_thread is not null && Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        _signal.Dispose();
    }

    private void Run()
    {
        while (!_isDisposed)
        {
            Advance(_clock.MonotonicNanos);
            long until = NextTick();
            long wait = (until * NanosPerTick) - _clock.MonotonicNanos;
            if (wait > 0)
            {
                _signal.WaitOne((int)((wait + NanosPerTick - 1) / NanosPerTick));
            }
        }
    }

    private WheelTimer? TakeDue(long last)
    {
        lock (_gate)
        {
            // After a long stop, each slot has to be looked at once only.
            _tick = Math.Max(_tick, last - Slots);
            while (_tick <= last)
            {
                for (WheelTimer? timer = _slots[_tick % Slots]; timer is not null; timer = timer.Next)
                {
                    if (timer.DueTick <= last)
                    {
                        Unlink(timer);
                        return timer;
                    }
                }

                if (_tick == last)
                {
                    return null;
                }

                _tick++;
            }

            return null;
        }
    }

    /// <summary>Returns the tick to sleep until: that of the next timer, or a second from now.</summary>
    private long NextTick()
    {
        lock (_gate)
        {
            long until = _tick + MaxWaitTicks;
            for (long tick = _tick + 1; tick < until; tick++)
            {
                for (WheelTimer? timer = _slots[tick % Slots]; timer is not null; timer = timer.Next)
                {
                    if (timer.DueTick == tick)
                    {
                        until = tick;
                        break;
                    }
                }
            }

            _sleepsUntil = until;
            return until;
        }
    }

    private void Unlink(WheelTimer timer)
    {
        if (timer.Slot < 0)
        {
            return;
        }

        if (timer.Previous is { } previous)
        {
            previous.Next = timer.Next;
        }
        else
        {
            _slots[timer.Slot] = timer.Next;
        }

        if (timer.Next is { } next)
        {
            next.Previous = timer.Previous;
        }

        timer.Slot = -1;
        timer.Next = null;
        timer.Previous = null;
    }
}
