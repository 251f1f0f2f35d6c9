using Estream.Core;

namespace Estream.Wire.Modbus.Server;

/// <summary>What the connections of a server share. Thread-safe.</summary>
/// <param name="Units">The units by their identifiers.</param>
/// <param name="CreateWriter">Creates the writer of a connection.</param>
/// <param name="Counters">The counts of the adapter.</param>
/// <param name="Events">Receives events.</param>
/// <param name="Clock">The clock.</param>
internal sealed record ServerServices(
    IReadOnlyDictionary<byte, ServedUnit> Units, Func<IngressWriter> CreateWriter, ServerCounters Counters, AdapterEventLog Events,
    IClock Clock);

/// <summary>The counts of a server. Thread-safe.</summary>
internal sealed class ServerCounters : AdapterCounters
{
    private long _requests;
    private long _exceptions;

    public void CountRequest() => Interlocked.Increment(ref _requests);

    /// <summary>Counts a request that is answered with an exception.</summary>
    /// <param name="reason">The text of the exception.</param>
    /// <param name="peer">The master.</param>
    public void CountException(string reason, string peer)
    {
        Interlocked.Increment(ref _exceptions);
        Refuse(reason, peer: peer);
    }

    public AdapterMetrics ToMetrics(string adapter, Func<int> connections) => new AdapterMetrics(adapter)
        .AddCounter("estream.modbus.served_requests", "{request}", "Requests of Modbus masters.", () => Interlocked.Read(ref _requests))
        .AddCounter(
            "estream.modbus.served_exceptions", "{request}", "Requests of Modbus masters that got an exception.",
            () => Interlocked.Read(ref _exceptions))
        .AddGauge("estream.modbus.masters", "{connection}", "Open connections of Modbus masters.", () => connections());
}
