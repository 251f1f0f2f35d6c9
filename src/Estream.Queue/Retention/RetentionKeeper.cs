using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Gives up what is too old while a queue object has appenders, also when nothing is appended: now and then, on a thread of the pool, and
/// at no cost for an append.
/// </summary>
internal sealed class RetentionKeeper : IDisposable
{
    private const int ShortestPeriodMs = 50;
    private const int LongestPeriodMs = 30_000;
    private const int LooksPerAge = 16;

    private readonly object _gate = new();
    private readonly EstreamQueue _queue;
    private readonly Retention _retention;
    private readonly OldestSegmentFlusher _oldest;
    private readonly bool _isNeeded;
    private readonly int _periodMs;
    private Timer? _timer;
    private int _appenders;

    public RetentionKeeper(EstreamQueue queue, QueueOptions options)
    {
        _queue = queue;
        _oldest = new OldestSegmentFlusher(queue);
        RetentionLimits limits = RetentionLimits.Of(options);
        _retention = new Retention(queue, limits);

        // A simulation has no time of its own to wait for: it calls ReclaimExpired.
        _isNeeded = limits.AgeNanos > 0 && options.Background == TaskScheduler.Default;
        _periodMs = (int)Math.Clamp(options.RetainedAge.TotalMilliseconds / LooksPerAge, ShortestPeriodMs, LongestPeriodMs);
    }

    /// <summary>An appender comes.</summary>
    public void Enter()
    {
        lock (_gate)
        {
            if (_isNeeded && ++_appenders == 1)
            {
                _timer = new Timer(static keeper => ((RetentionKeeper)keeper!).ReclaimOnTimer(), this, _periodMs, _periodMs);
            }
        }
    }

    /// <summary>An appender goes. After the last one nothing is given up any more.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (_isNeeded && --_appenders == 0)
            {
                _timer!.Dispose();
                _timer = null;
            }
        }
    }

    /// <summary>The appenders are gone by now.</summary>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Removes the segments that are too old, that every named tailer has passed and that nobody reads.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="EstreamException">What could not be looked at is kept.</exception>
    public int ReclaimExpired() => Remove(_retention.Surplus(onlyByAge: true));

    /// <summary>Removes what is beyond limits, that every named tailer has passed and that nobody reads.</summary>
    /// <returns>How many segments were removed, and how many are beyond the limits still.</returns>
    /// <exception cref="EstreamException">What could not be looked at is kept.</exception>
    public (int Removed, int Beyond) Reclaim(RetentionLimits limits)
    {
        lock (_gate)
        {
            Retention retention = new(_queue, limits);
            int removed = Remove(retention.Surplus());
            return (removed, retention.BeyondLimits().Count);
        }
    }

    private int Remove(IReadOnlyList<long> surplus)
    {
        int removed = 0;
        foreach (long index in surplus)
        {
            _oldest.Secure(index + 1);
            if (!_queue.Segments.TryRemove(index, _queue.SyncNames))
            {
                break;
            }

            removed++;
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
                // A cursor or a segment is damaged, or storage refuses for now: what cannot be given up safely is kept, and whoever reads
                // or verifies it hears of the damage.
            }
        }
    }
}
