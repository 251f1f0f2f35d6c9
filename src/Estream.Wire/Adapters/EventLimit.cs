namespace Estream.Wire;

/// <summary>Limits the events per minute that a peer can cause, such as stored messages and lines of the log. Thread-safe.</summary>
/// <param name="perMinute">The maximum number of events a minute.</param>
internal sealed class EventLimit(int perMinute)
{
    private const long MinuteNanos = 60_000_000_000;

    private readonly Lock _lock = new();
    private long _start;
    private int _count;
    private int _omitted;

    /// <summary>Whether the event is within the limit.</summary>
    /// <param name="now">The monotonic time in nanoseconds.</param>
    /// <param name="omitted">The number of events over the limit since the last event within it.</param>
    public bool TryTake(long now, out int omitted)
    {
        lock (_lock)
        {
            if (_count == 0 || now - _start >= MinuteNanos)
            {
                (_start, _count) = (now, 0);
            }

            omitted = _omitted;
            if (_count == perMinute)
            {
                _omitted++;
                return false;
            }

            _count++;
            _omitted = 0;
            return true;
        }
    }
}
