namespace Estream.Host.Http;

/// <summary>Limits the refused requests that are recorded or logged in a period, so they cannot fill the audit queue or the log.
/// Thread-safe.</summary>
/// <param name="perPeriod">The maximum number of requests that are recorded or logged in a period.</param>
/// <param name="time">The clock.</param>
/// <param name="period">The period; one minute by default.</param>
internal sealed class RefusalBudget(int perPeriod, TimeProvider time, TimeSpan? period = null)
{
    private readonly TimeSpan _period = period ?? TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private DateTimeOffset _began;
    private int _taken;
    private int _unrecorded;

    /// <summary>Whether the request may be recorded.</summary>
    /// <param name="unrecorded">The number of refused requests that were not recorded since the last recorded one.</param>
    public bool TryTake(out int unrecorded)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            if (now - _began >= _period)
            {
                _began = now;
                _taken = 0;
            }

            if (_taken == perPeriod)
            {
                _unrecorded++;
                unrecorded = 0;
                return false;
            }

            _taken++;
            unrecorded = _unrecorded;
            _unrecorded = 0;
            return true;
        }
    }
}
