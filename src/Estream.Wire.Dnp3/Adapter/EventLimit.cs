namespace Estream.Wire.Dnp3.Adapter;

/// <summary>Limits the stored events of a device, because an outstation causes them: at most 60 a minute. Not thread-safe.</summary>
internal sealed class EventLimit
{
    /// <summary>The maximum number of stored events a minute.</summary>
    public const int PerMinute = 60;

    private const long MinuteNanos = 60_000_000_000;

    private long _start;
    private int _count;
    private int _left;

    /// <summary>Whether an event is stored.</summary>
    /// <param name="now">The monotonic time in nanoseconds.</param>
    /// <param name="left">The number of events that were left out since the last stored one.</param>
    public bool TryTake(long now, out int left)
    {
        if (_count == 0 || now - _start >= MinuteNanos)
        {
            (_start, _count) = (now, 0);
        }

        left = _left;
        if (_count == PerMinute)
        {
            _left++;
            return false;
        }

        _count++;
        _left = 0;
        return true;
    }
}
