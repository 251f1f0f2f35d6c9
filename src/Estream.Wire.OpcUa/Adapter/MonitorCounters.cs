namespace Estream.Wire.OpcUa.Adapter;

/// <summary>The counts of an adapter that monitors items. Thread-safe.</summary>
internal sealed class MonitorCounters : AdapterCounters
{
    private long _gaps;
    private long _overflows;

    public long Gaps => Interlocked.Read(ref _gaps);

    public long Overflows => Interlocked.Read(ref _overflows);

    public void Gap() => Interlocked.Increment(ref _gaps);

    public void Overflow(int count) => Interlocked.Add(ref _overflows, count);
}
