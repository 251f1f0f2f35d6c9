namespace Estream.Wire.Hl7.Transport;

/// <summary>The counts of an adapter. Thread-safe.</summary>
internal sealed class Hl7Counters
{
    private long _received;
    private long _rejected;
    private long _bytes;
    private long _refusedConnections;
    private int _connections;

    public long Received => Volatile.Read(ref _received);

    public long Rejected => Volatile.Read(ref _rejected) + Volatile.Read(ref _refusedConnections);

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

    public void CountRefusedConnection() => Interlocked.Increment(ref _refusedConnections);

    public void Open() => Interlocked.Increment(ref _connections);

    public void Close() => Interlocked.Decrement(ref _connections);

    public AdapterMetrics ToMetrics(string adapter) => new AdapterMetrics(adapter)
        .AddCounter("estream.hl7.received", "{message}", "HL7 messages received.", () => Received)
        .AddCounter("estream.hl7.received_bytes", "By", "Bytes of the HL7 messages received.", () => Bytes)
        .AddCounter("estream.hl7.rejected", "{message}", "HL7 messages and connections refused.", () => Rejected)
        .AddGauge("estream.hl7.connections", "{connection}", "Open MLLP connections.", () => Connections);
}
