using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Deletes segments that exceed the age limit while a queue object has appenders, even if nothing is appended. Runs periodically on the
/// thread pool and costs an append nothing.
/// </summary>
internal sealed class RetentionKeeper : IDisposable
{
    private const int ShortestPeriodMs = 50;
    private const int LongestPeriodMs = 30_000;
    private const int LooksPerAge = 16;
    private const long NanosPerMilli = 1_000_000;

    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly Retention _retention;
    private readonly OldestSegmentFlusher _oldest;
    private Timer? _timer;
    private int _appenders;

    public RetentionKeeper(EstreamQueue queue)
    {
        _queue = queue;
        _oldest = new OldestSegmentFlusher(queue);
        _retention = new Retention(queue);
    }

    /// <summary>Call when an appender is created.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            if (++_appenders == 1)
            {
                Start();
            }
        }
    }

    /// <summary>Call when the age limit has changed.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
            if (_appenders > 0)
            {
                Start();
            }
        }
    }

    /// <summary>Call when an appender is disposed. After the last one nothing is deleted any more.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_appenders == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    /// <summary>Call after the appenders are disposed.</summary>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Deletes the segments that exceed the age limit, that every named tailer has passed and no reader has pinned.</summary>
    /// <returns>The number of deleted segments.</returns>
    /// <exception cref="EstreamException">A cursor or segment cannot be read. Segments that may still be needed are kept.</exception>
    public int ReclaimExpired() => Remove(_retention.Surplus(onlyByAge: true));

    /// <summary>Deletes the segments beyond limits that every named tailer has passed and no reader has pinned.</summary>
    /// <returns>The number and size of the deleted segments, and the number of segments still beyond the limits.</returns>
    /// <exception cref="EstreamException">A cursor or segment cannot be read. Segments that may still be needed are kept.</exception>
    public (int Removed, long Bytes, int Beyond) Reclaim(RetentionLimits limits)
    {
        lock (_gate)
        {
            Retention retention = new(_queue, limits);
            IReadOnlyList<long> surplus = retention.Surplus();
            int removed = Remove(surplus);
            return (removed, surplus.Take(removed).Sum(_queue.Files.BytesOf), retention.BeyondLimits().Count);
        }
    }

    /// <summary>The named tailers that keep segments beyond the limits of the options.</summary>
    /// <exception cref="EstreamException">A cursor or segment cannot be read.</exception>
    public IReadOnlyList<TailerHold> Holds() => _retention.Holds();

    // A simulation has no timer: it calls ReclaimExpired.
    private void Start()
    {
        long age = _queue.Limits.AgeNanos;
        if (age > 0 && !_queue.IsSimulated)
        {
            int period = (int)Math.Clamp(age / NanosPerMilli / LooksPerAge, ShortestPeriodMs, LongestPeriodMs);
            _timer = new Timer(static keeper => ((RetentionKeeper)keeper!).ReclaimOnTimer(), this, period, period);
        }
    }

    private int Remove(IReadOnlyList<long> surplus)
    {
        int removed = 0;
        foreach (long index in surplus)
        {
            _oldest.Secure(index + 1);
            if (!_queue.Segments.TryRemove(index, _queue.SyncNames) && !_queue.Holds.TryEvict(index, surplus))
            {
                return removed;
            }

            removed++;
        }

        if (removed > 0)
        {
            _queue.Holds.Clear();
        }

        return removed;
    }

    private void ReclaimOnTimer()
    {
        lock (_gate)
        {
            if (_appenders == 0)
            {
                return;
            }

            try
            {
                ReclaimExpired();
            }
            catch (Exception error) when (error is EstreamException or ObjectDisposedException)
            {
                // A cursor or a segment is damaged, or the storage error is temporary. Segments that may be needed are kept. The process
                // that reads or verifies them reports the damage.
            }
        }
    }
}
