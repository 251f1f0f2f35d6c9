namespace Estream.Wire.Iso20022.Connections;

/// <summary>The counts of a listener. Thread-safe.</summary>
internal sealed class ConnectionCounters
{
    private long _received;
    private long _rejected;
    private long _bytes;
    private int _connections;

    public long Received => Volatile.Read(ref _received);

    public long Rejected => Volatile.Read(ref _rejected);

    public long Bytes => Volatile.Read(ref _bytes);

    public int Connections => Volatile.Read(ref _connections);

    public void CountMessage(int bytes, bool isAccepted)
    {
        Interlocked.Increment(ref _received);
        Interlocked.Add(ref _bytes, bytes);
        if (!isAccepted)
        {
            Interlocked.Increment(ref _rejected);
        }
    }

    /// <summary>Counts a connection or a frame that was not read.</summary>
    public void CountRefused() => Interlocked.Increment(ref _rejected);

    public void Open() => Interlocked.Increment(ref _connections);

    public void Close() => Interlocked.Decrement(ref _connections);

    public AdapterMetrics ToMetrics(string adapter) => new AdapterMetrics(adapter)
        .AddCounter("estream.iso20022.received", "{message}", "ISO 20022 messages received over connections.", () => Received)
        .AddCounter("estream.iso20022.received_bytes", "By", "Bytes of the messages received over connections.", () => Bytes)
        .AddCounter("estream.iso20022.rejected", "{message}", "Messages and connections rejected.", () => Rejected)
        .AddGauge("estream.iso20022.connections", "{connection}", "Open connections.", () => Connections);
}
