namespace Estream.Host.Http;

/// <summary>Limits the refused requests recorded per minute, so they cannot fill the audit queue. Thread-safe.</summary>
internal sealed class RefusalBudget(int perMinute, TimeProvider time)
{
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
            if (now - _began >= TimeSpan.FromMinutes(1))
            {
                _began = now;
                _taken = 0;
            }

            if (_taken == perMinute)
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
