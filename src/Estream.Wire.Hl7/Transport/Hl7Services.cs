using Estream.Core;

namespace Estream.Wire.Hl7.Transport;

/// <summary>What the connections of a listener share. Thread-safe.</summary>
/// <param name="Routing">Plans the resources of messages.</param>
/// <param name="CreateWriter">Creates the writer of a connection.</param>
/// <param name="Counters">The counts of the adapter.</param>
/// <param name="Events">Receives events, which never contain a value of a message.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Budget">Limits the buffers of all connections.</param>
internal sealed record Hl7Services(
    Hl7Routing Routing, Func<IngressWriter> CreateWriter, ListenerCounters Counters, AdapterEventLog Events, IClock Clock,
    ByteBudget Budget);
