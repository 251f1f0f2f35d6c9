using System.Buffers;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// Connects a protocol with ESF messages in queues. A host creates an adapter through its <see cref="IWireAdapterFactory"/>, starts it,
/// runs <see cref="Ingest"/> until it stops, and disposes it.
/// </summary>
/// <remarks>
/// <see cref="Health"/>, <see cref="Statistics"/>, <see cref="TranslateIngress"/>, <see cref="TranslateEgress"/> and <see cref="Emit"/>
/// are thread-safe; the lifecycle methods are called one after the other.
/// </remarks>
public interface IWireAdapter : IAsyncDisposable
{
    /// <summary>The type of the adapter.</summary>
    AdapterDescriptor Descriptor { get; }

    /// <summary>The name in the configuration; unique in a host.</summary>
    string Name { get; }

    /// <summary>The schemas that the adapter produces and consumes.</summary>
    AdapterSchemas Schemas { get; }

    /// <summary>The present health. Costs nearly nothing.</summary>
    HealthStatus Health { get; }

    /// <summary>Counts since the creation. Costs nearly nothing.</summary>
    AdapterStatistics Statistics { get; }

    /// <summary>Binds ports and reads credentials and certificates. Returns when the adapter is ready to ingest.</summary>
    /// <remarks>An unreachable peer is not a failure: the adapter starts, reports that it is unhealthy, and keeps trying.</remarks>
    /// <exception cref="WireConnectionException">The port is taken or may not be bound.</exception>
    /// <exception cref="WireConfigurationException">A configured file is missing or invalid.</exception>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>
    /// Stores messages of peers in queues until cancelled. While a queue cannot store messages, the adapter reads nothing more from its
    /// peers. It acknowledges a message only when the message is as durable as its queue promises.
    /// </summary>
    /// <returns>Completes without an exception after cancellation, when every acknowledged message is stored.</returns>
    Task Ingest(CancellationToken cancellation);

    /// <summary>Translates a received message into an ESF message. Allocates nothing; does not throw for any received bytes.</summary>
    /// <param name="message">The received message.</param>
    /// <param name="destination">Receives the ESF message; undefined after a failure.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length);

    /// <summary>Translates an ESF message into a message of the protocol.</summary>
    /// <param name="message">The message; validated against its schema.</param>
    /// <param name="destination">Cleared, then filled; reuse it for the next message.</param>
    TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination);

    /// <summary>Sends a translated message. If the quality of service has acknowledgements, the task completes with the peer's
    /// acknowledgement.</summary>
    /// <param name="message">The message; must not change until the returned task is complete.</param>
    /// <param name="cancellation">Ends the wait; the message may have been sent.</param>
    ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation);
}

/// <summary>
/// An adapter that can reload credentials while it runs: users, permissions, certificates, revocation lists. It also checks its files by
/// itself, at least once a minute.
/// </summary>
public interface IReloadableAdapter
{
    /// <summary>Reads the files of its credentials now. Connections of users that lost a permission or their credential end soon after;
    /// others continue. Thread-safe.</summary>
    /// <exception cref="WireConfigurationException">A file is invalid; the credentials that were read before stay in use.</exception>
    void ReloadCredentials();
}

/// <summary>The schemas of an adapter.</summary>
/// <param name="Produced">The schemas that ingress writes to queues.</param>
/// <param name="Consumed">The schemas that egress accepts.</param>
public sealed record AdapterSchemas(IReadOnlyList<EsfSchema> Produced, IReadOnlyList<EsfSchema> Consumed);

/// <summary>Counts of an adapter since it was created.</summary>
/// <param name="Connections">Connections open now.</param>
/// <param name="ReceivedTotal">Received messages, including dead letters.</param>
/// <param name="RejectedTotal">Dead letters, and refused packets and connections.</param>
/// <param name="BytesTotal">Bytes of the received messages.</param>
public readonly record struct AdapterStatistics(int Connections, long ReceivedTotal, long RejectedTotal, long BytesTotal)
{
    /// <summary>Messages that were sent and, if the quality of service has acknowledgements, acknowledged.</summary>
    public long EmittedTotal { get; init; }

    /// <summary>Messages that cannot be sent.</summary>
    public long EmitRefusedTotal { get; init; }

    /// <summary>Reconnects of a client adapter.</summary>
    public long ReconnectsTotal { get; init; }
}

/// <summary>An outgoing message with reusable buffers. Not thread-safe.</summary>
public sealed class EgressMessage
{
    /// <summary>The destination in UTF-8: a topic, a path or an address.</summary>
    public ArrayBufferWriter<byte> Topic { get; } = new(64);

    /// <summary>The content of the message.</summary>
    public ArrayBufferWriter<byte> Payload { get; } = new(256);

    /// <summary>The quality of service of the protocol (for MQTT the QoS).</summary>
    public int Quality { get; set; }

    /// <summary>Whether the receiver keeps the message for later subscribers (for MQTT the flag RETAIN).</summary>
    public bool IsRetained { get; set; }

    /// <summary>Empties both buffers and keeps their memory. Overwrites the content, which may be private.</summary>
    public void Clear()
    {
        Topic.Clear();
        Payload.Clear();
        Quality = 0;
        IsRetained = false;
    }
}
