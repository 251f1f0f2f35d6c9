using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>
/// A time that a thread updates every half millisecond while callers read it. Without readers the thread sleeps, so an idle process does
/// not wake up.
/// </summary>
internal sealed class CoarseTicker
{
    private const int PeriodMicroseconds = 500;
    private const int IdlePeriodsBeforeRest = 200;

    private readonly object _gate = new();
    private State _state;
    private bool _started;
    private bool _wanted;

    /// <summary>Whether the thread sleeps, so that <see cref="Now"/> reads the clock of the machine.</summary>
    public bool IsResting => Volatile.Read(ref _state.Now) == 0;

    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long now = Volatile.Read(ref _state.Now);
            if (now != 0 && Volatile.Read(ref _state.Used) != 0)
            {
                return now;
            }

            return ReadAndKeepAwake();
        }
    }

    // Called once per idle check of the thread (which clears Used every few milliseconds), and while the thread sleeps (Now is 0). Starting
    // a thread must not be inlined into callers that read the time.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadAndKeepAwake()
    {
        Volatile.Write(ref _state.Used, 1);

        // While the thread ticks, this does not read the clock of the machine: the next reading would be the last tick, and time would go
        // back.
        long now = Volatile.Read(ref _state.Now);
        if (now != 0)
        {
            return now;
        }

        Start();
        return SystemClock.ReadUtcNanos();
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
        int idlePeriods = 0;
        while (idlePeriods < IdlePeriodsBeforeRest)
        {
            Volatile.Write(ref _state.Now, SystemClock.ReadUtcNanos());
            ShortSleep.Microseconds(PeriodMicroseconds);

            // Clears the flag rarely, so that a busy reader nearly always finds the flag set and its cache line shared.
            if (++idlePeriods % 10 == 0 && Interlocked.Exchange(ref _state.Used, 0) != 0)
            {
                idlePeriods = 0;
            }
        }

        // While Now is 0, readers use the real clock. A reader that loads the last time before this store gets a time at most one period
        // old. A later reader sees 0 and wakes this thread. The flag _wanted keeps that request, even if it comes before the wait.
        Volatile.Write(ref _state.Now, 0);
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct State
    {
        [FieldOffset(128)]
        public long Now;

        [FieldOffset(136)]
        public int Used;
    }
}
