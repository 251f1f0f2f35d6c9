using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Estream.Core.Internal;

/// <summary>
/// A clock value that a thread renews every half millisecond while somebody reads it, and that rests when nobody does: an idle
/// process wakes up for nothing.
/// </summary>
internal sealed class CoarseTicker
{
    private const int PeriodMicroseconds = 500;
    private const int IdlePeriodsBeforeRest = 200;

    private readonly object _gate = new();
    private State _state;
    private bool _started;
    private bool _wanted;

    /// <summary>Whether nothing ticks, so that <see cref="Now"/> is read from the machine's clock.</summary>
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

    // Reached once per idle check of the ticking thread (it clears Used every few milliseconds), and while it rests (Now is 0). Starting a
    // thread must not become part of who asks for the time: the compiler puts only so much into a caller, and this would be it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadAndKeepAwake()
    {
        Volatile.Write(ref _state.Used, 1);

        // Not the machine's clock while it ticks: the next reading would be of the last tick, and time would go back.
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

            // Looked at rarely, so that a busy reader finds the flag set and its cache line shared nearly always.
            if (++idlePeriods % 10 == 0 && Interlocked.Exchange(ref _state.Used, 0) != 0)
            {
                idlePeriods = 0;
            }
        }

        // 0 sends readers to the real clock. A reader that saw the last value before this store got one at most a period old; one that
        // comes after sees 0 and wakes this thread; the flag remembers the call even if it comes before the wait.
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
