namespace Estream.Wire;

/// <summary>The counts of an adapter that accepts connections with messages. Thread-safe.</summary>
internal sealed class ListenerCounters : AdapterCounters
{
    private int _connections;

    public int Connections => Volatile.Read(ref _connections);

    public void CountMessage(int bytes, bool isAccepted)
    {
        Receive(bytes);
        if (!isAccepted)
        {
            Reject();
        }
    }

    public void Open() => Interlocked.Increment(ref _connections);

    public void Close() => Interlocked.Decrement(ref _connections);

    /// <summary>Publishes the counts as instruments.</summary>
    /// <param name="adapter">The name of the adapter.</param>
    /// <param name="prefix">The prefix of the names of the instruments.</param>
    /// <param name="protocol">The protocol, for descriptions.</param>
    public AdapterMetrics ToMetrics(string adapter, string prefix, string protocol) => new AdapterMetrics(adapter)
        .AddCounter($"{prefix}.received", "{message}", $"{protocol} messages received over connections.", () => Received)
        .AddCounter($"{prefix}.received_bytes", "By", $"Bytes of the {protocol} messages received over connections.", () => Bytes)
        .AddCounter($"{prefix}.rejected", "{message}", $"{protocol} messages and connections rejected.", () => Rejected)
        .AddGauge($"{prefix}.connections", "{connection}", $"Open connections of {protocol}.", () => Connections);
}
