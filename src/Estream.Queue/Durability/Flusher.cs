using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// The thread that flushes for group commits: one flush for all requests since the last, when the shortest requested interval has passed or
/// enough bytes wait. Started with the first request.
/// </summary>
internal sealed class Flusher : IDisposable
{
    private const int NotRequested = int.MaxValue;
    private const int RetryMs = 1;
    private const long NanosPerMs = 1_000_000;

    private readonly object _gate = new();
    private readonly DurableLog _log;

    // Null if this object uses its own thread; a simulation runs the steps instead.
    private readonly TaskScheduler? _turns;
    private Thread? _thread;
    private bool _stopped;

    // The shortest interval requested since the last flush started, and whether enough bytes wait to flush now. Appenders read both without
    // the lock; a flush resets them before it reads the log.
    private int _withinMs = NotRequested;
    private bool _isHurried;
    private long _dueAt = long.MaxValue;

    public Flusher(DurableLog log, QueueOptions options)
    {
        _log = log;
        _turns = options.Background == TaskScheduler.Default ? null : options.Background;
    }

    /// <summary>Whether flushes happen without a call to <see cref="TakeTurn"/>.</summary>
    public bool HasThread => _turns is null;

    /// <summary>Requests a flush of the message just appended. Costs two loads and compares when a flush is already due.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Request(long position, Durability durability)
    {
        if (durability.IntervalMs < Volatile.Read(ref _withinMs)
            || (position - _log.FlushingTo >= durability.Bytes && !Volatile.Read(ref _isHurried)))
        {
            RequestFlush(durability.IntervalMs, position - _log.FlushingTo >= durability.Bytes);
        }
    }

    /// <summary>Requests a flush, unless a requested or running flush will reach the message.</summary>
    /// <param name="position">The position of the message.</param>
    /// <param name="isFirst">Whether to flush now; otherwise after a short delay, because a flush was tried and an earlier claim is not
    /// committed.</param>
    public void RequestUnlessRequested(long position, bool isFirst)
    {
        if (Volatile.Read(ref _withinMs) == NotRequested && _log.FlushingTo <= position)
        {
            RequestFlush(isFirst ? 0 : RetryMs, isFirst);
        }
    }

    /// <summary>Flushes once in place of the thread, for single-threaded simulations.</summary>
    public void TakeTurn()
    {
        lock (_gate)
        {
            Reset();
        }

        // After this point a new waiter must request its own flush.
        _log.Waiters.BeginTurn();

        // Orders, in every appender of this process, the message before the read of the request fields: a message whose appender saw the
        // old request is covered by this flush.
        Interlocked.MemoryBarrierProcessWide();
        _log.FlushForWaiters();
    }

    /// <summary>Performs the requested flush, and ends the thread.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _stopped = true;
            thread = _thread;
            Monitor.Pulse(_gate);
        }

        thread?.Join();
        if (thread is null && _withinMs != NotRequested)
        {
            TakeTurn();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RequestFlush(int withinMs, bool isHurried)
    {
        lock (_gate)
        {
            bool wasRequested = _withinMs != NotRequested;
            _withinMs = Math.Min(_withinMs, withinMs);
            _isHurried |= isHurried;
            _dueAt = isHurried ? long.MinValue : Math.Min(_dueAt, SystemClock.Instance.MonotonicNanos + (withinMs * NanosPerMs));
            if (_turns is not null)
            {
                if (!wasRequested)
                {
                    _ = Task.Factory.StartNew(TakeTurn, CancellationToken.None, TaskCreationOptions.None, _turns);
                }

                return;
            }

            if (_thread is null && !_stopped)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "estream-queue-flusher" };
                _thread.Start();
            }

            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        while (WaitUntilDue())
        {
            TakeTurn();

            // Some waiters wait for messages after a claim that is still open.
            if (_log.Waiters.AnyLeft() && !Volatile.Read(ref _stopped))
            {
                RequestFlush(RetryMs, isHurried: false);
            }
        }
    }

    /// <returns>Whether there is something to flush; false to end the thread.</returns>
    private bool WaitUntilDue()
    {
        lock (_gate)
        {
            while (!_stopped)
            {
                long left = _dueAt == long.MaxValue ? long.MaxValue : _dueAt - SystemClock.Instance.MonotonicNanos;
                if (_dueAt == long.MinValue || left <= 0)
                {
                    return true;
                }

                Monitor.Wait(_gate, left == long.MaxValue ? Timeout.Infinite : (int)((left + NanosPerMs - 1) / NanosPerMs));
            }

            return _withinMs != NotRequested && !_log.HasFailed;
        }
    }

    private void Reset()
    {
        Volatile.Write(ref _withinMs, NotRequested);
        Volatile.Write(ref _isHurried, false);
        _dueAt = long.MaxValue;
    }
}
