using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>
/// A time for callers that read it often. While readings are rare, each reads the clock of the machine, and no thread runs. Above some
/// 200,000 readings a second, a thread updates the time every half millisecond, and readers only load it. Neither change lets time go back.
/// </summary>
internal sealed class CoarseTicker
{
    private const int PeriodMicroseconds = 500;
    private const int IdlePeriodsBeforeRest = 200;

    // The thread costs about 2,000 wake-ups a second, as much as several hundred thousand readings of the machine's clock.
    private const long WindowNanos = 1_000_000;
    private const int BusyReadings = 200;

    // Readers may be overtaken between two instructions, by less than this. If the machine's clock is further back, a user or a time
    // service has set it.
    private const long StepNanos = 10_000_000;

    private readonly object _gate = new();
    private readonly int _periodsBeforeRest;
    private State _state;
    private bool _started;
    private bool _wanted;

    /// <param name="periodsBeforeRest">The number of periods after which the thread rests even if the time is read. Readers then show
    /// within a millisecond whether they still need it.</param>
    public CoarseTicker(int periodsBeforeRest = 2_000) => _periodsBeforeRest = periodsBeforeRest;

    /// <summary>Whether the thread sleeps, so that <see cref="Now"/> reads the clock of the machine.</summary>
    public bool IsResting => Volatile.Read(ref _state.Now) <= 0;

    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long now = Volatile.Read(ref _state.Now);
            if (now > 0 && Volatile.Read(ref _state.Used) != 0)
            {
                return now;
            }

            return ReadWithoutTick();
        }
    }

    // Called while the thread sleeps, and once per idle check of the thread (which clears Used every few milliseconds).
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadWithoutTick()
    {
        long seen = Volatile.Read(ref _state.Now);
        while (seen <= 0)
        {
            long now = NotBefore(-seen);
            long before = Interlocked.CompareExchange(ref _state.Now, -now, seen);
            if (before == seen)
            {
                Count(now);
                return now;
            }

            seen = before;
        }

        Volatile.Write(ref _state.Used, 1);
        return seen;
    }

    // Counts without atomic instructions: a reading that is lost starts the thread a millisecond later.
    private void Count(long now)
    {
        int readings = ++_state.Readings;
        long passed = now - _state.WindowStart;
        if (passed is >= 0 and < WindowNanos)
        {
            return;
        }

        _state.WindowStart = now;
        _state.Readings = 0;
        if (readings >= BusyReadings && passed is >= 0 and < 2 * WindowNanos)
        {
            Start();
        }
    }

    private void Start()
    {
        lock (_gate)
        {
            _wanted = true;
            Monitor.Pulse(_gate);
            if (!_started)
            {
                _started = true;
                new Thread(Run) { IsBackground = true, Name = "estream-clock" }.Start();
            }
        }
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while (!_wanted)
                {
                    Monitor.Wait(_gate);
                }

                _wanted = false;
            }

            TickUntilIdle();
        }
    }

    private void TickUntilIdle()
    {
        Volatile.Write(ref _state.Used, 1);
        long last = Begin();
        int idlePeriods = 0;
        for (int period = 1; idlePeriods < IdlePeriodsBeforeRest && period < _periodsBeforeRest; period++)
        {
            ShortSleep.Microseconds(PeriodMicroseconds);

            // Clears the flag rarely, so that a busy reader nearly always finds the flag set and its cache line shared.
            if (++idlePeriods % 10 == 0 && Interlocked.Exchange(ref _state.Used, 0) != 0)
            {
                idlePeriods = 0;
            }

            last = NotBefore(last);
            Volatile.Write(ref _state.Now, last);
        }

        Volatile.Write(ref _state.Now, -last);
    }

    // The first tick. It is not before any reading of the clock that a reader has returned.
    private long Begin()
    {
        while (true)
        {
            long seen = Volatile.Read(ref _state.Now);
            long now = NotBefore(-seen);
            if (Interlocked.CompareExchange(ref _state.Now, now, seen) == seen)
            {
                return now;
            }
        }
    }

    private static long NotBefore(long last)
    {
        long now = SystemClock.ReadUtcNanos();
        return now < last && last - now < StepNanos ? last : now;
    }

    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct State
    {
        // The last tick; or, if negative or 0, minus the last time that was read while the thread sleeps.
        [FieldOffset(128)]
        public long Now;

        [FieldOffset(136)]
        public int Used;

        [FieldOffset(256)]
        public long WindowStart;

        [FieldOffset(264)]
        public int Readings;
    }
}
