namespace Estream.Wire.OpcUa.Adapter;

/// <summary>The counts of an adapter. Thread-safe.</summary>
internal sealed class AdapterCounters
{
    private long _received;
    private long _bytes;
    private long _rejected;
    private long _emitted;
    private long _refused;
    private long _reconnects;
    private long _gaps;
    private long _overflows;

    public long Received => Interlocked.Read(ref _received);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Emitted => Interlocked.Read(ref _emitted);

    public long Refused => Interlocked.Read(ref _refused);

    public long Reconnects => Interlocked.Read(ref _reconnects);

    public long Gaps => Interlocked.Read(ref _gaps);

    public long Overflows => Interlocked.Read(ref _overflows);

    public void Receive(int bytes)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Reject() => Interlocked.Increment(ref _rejected);

    public void Reconnect() => Interlocked.Increment(ref _reconnects);

    public void Gap() => Interlocked.Increment(ref _gaps);

    public void Overflow(bool isOverflow) => Interlocked.Add(ref _overflows, isOverflow ? 1 : 0);

    public void CountEmit(in EmitStatus status)
    {
        if (status.IsOk)
        {
            Interlocked.Increment(ref _emitted);
        }
        else if (status.Code == EmitCode.Refused)
        {
            Interlocked.Increment(ref _refused);
        }
    }
}
