using System.Buffers;
using Estream.Esf;

namespace Estream.Wire;

/// <summary>
/// One protocol on one side, ESF messages on the other. A host creates it through its <see cref="IWireAdapterFactory"/>, starts it,
/// runs <see cref="Ingest"/> until it stops, and disposes it.
/// </summary>
/// <remarks>
/// <see cref="Health"/>, <see cref="Statistics"/>, <see cref="TranslateIngress"/>, <see cref="TranslateEgress"/> and <see cref="Emit"/>
/// may be called from any thread; the lifecycle methods one after the other.
/// </remarks>
public interface IWireAdapter : IAsyncDisposable
{
    /// <summary>What kind of adapter this is.</summary>
    AdapterDescriptor Descriptor { get; }

    /// <summary>The name its configuration gives it; unique in a host.</summary>
    string Name { get; }

    /// <summary>The schemas it produces and consumes.</summary>
    AdapterSchemas Schemas { get; }

    /// <summary>How it is, now. Costs next to nothing.</summary>
    HealthStatus Health { get; }

    /// <summary>What it has done so far. Costs next to nothing.</summary>
    AdapterStatistics Statistics { get; }

    /// <summary>Takes what the adapter needs from the outside: ports, credentials, certificates. Returns when it is ready to
    /// ingest.</summary>
    /// <remarks>A peer that is merely unreachable is not a failure: the adapter starts, reports itself unhealthy and keeps
    /// trying.</remarks>
    /// <exception cref="WireConnectionException">The port is taken or may not be bound.</exception>
    /// <exception cref="WireConfigurationException">A file the settings name is missing or not what it should be.</exception>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>
    /// Moves messages from the wire into queues until cancelled. Back-pressure is the reader's: while a queue cannot take more,
    /// nothing more is read from the wire, and nothing is acknowledged there that is not in a queue.
    /// </summary>
    /// <returns>Ends, without an exception, once cancelled and every message taken from the wire is stored or was never
    /// acknowledged.</returns>
    Task Ingest(CancellationToken cancellation);

    /// <summary>Turns one message of the wire into the bytes of one ESF message. Allocates nothing; never throws on bytes from the
    /// wire.</summary>
    /// <param name="message">The message as it came.</param>
    /// <param name="destination">Takes the ESF message; what it holds after a failure means nothing.</param>
    /// <param name="length">Bytes written; 0 after a failure.</param>
    TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length);

    /// <summary>Turns an ESF message into one of the wire.</summary>
    /// <param name="message">The message; checked against its schema.</param>
    /// <param name="destination">Cleared, then filled; use it again for the next message.</param>
    TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination);

    /// <summary>Sends a translated message. At a quality that is acknowledged, completes with the peer's acknowledgement.</summary>
    /// <param name="message">Not to be changed until the returned task is complete.</param>
    /// <param name="cancellation">Gives up waiting; the message may have been sent.</param>
    ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation);
}

/// <summary>
/// An adapter that can take up changed credentials while it runs: users, rights, certificates, revocation lists. Such an adapter also looks
/// at its files by itself, at least once a minute.
/// </summary>
public interface IReloadableAdapter
{
    /// <summary>Reads the files of its credentials now. Connections of whoever has lost a right, or the credential that proved who they
    /// are, end soon after; those of others go on. Thread-safe.</summary>
    /// <exception cref="WireConfigurationException">A file is not what it should be; all that was read before stays in use.</exception>
    void ReloadCredentials();
}

/// <summary>The schemas that cross an adapter.</summary>
/// <param name="Produced">What ingress writes into queues.</param>
/// <param name="Consumed">What egress accepts.</param>
public sealed record AdapterSchemas(IReadOnlyList<EsfSchema> Produced, IReadOnlyList<EsfSchema> Consumed);

/// <summary>What an adapter has done since it was created.</summary>
/// <param name="Connections">Connections open now.</param>
/// <param name="ReceivedTotal">Messages taken from the wire, dead-lettered ones included.</param>
/// <param name="RejectedTotal">Messages that went to the dead letters, and packets and connections that were refused.</param>
/// <param name="BytesTotal">Bytes of the messages received.</param>
public readonly record struct AdapterStatistics(int Connections, long ReceivedTotal, long RejectedTotal, long BytesTotal)
{
    /// <summary>Messages it was given to send that were sent and, at a quality that is acknowledged, taken.</summary>
    public long EmittedTotal { get; init; }

    /// <summary>Messages it was given to send that can never be.</summary>
    public long EmitRefusedTotal { get; init; }

    /// <summary>Connections of an adapter that connects out, after its first one.</summary>
    public long ReconnectsTotal { get; init; }
}

/// <summary>A message on its way out: the buffers are kept and used again. Not thread-safe.</summary>
public sealed class EgressMessage
{
    /// <summary>Where it goes, in UTF-8: a topic, a path, an address.</summary>
    public ArrayBufferWriter<byte> Topic { get; } = new(64);

    /// <summary>Its content.</summary>
    public ArrayBufferWriter<byte> Payload { get; } = new(256);

    /// <summary>How hard to try, in the terms of the protocol (for MQTT the QoS).</summary>
    public int Quality { get; set; }

    /// <summary>Whether the other side is to keep it for those who ask later (for MQTT the flag RETAIN).</summary>
    public bool IsRetained { get; set; }

    /// <summary>Empties both buffers and keeps their memory. What was in them is overwritten: it can have been private.</summary>
    public void Clear()
    {
        Topic.Clear();
        Payload.Clear();
        Quality = 0;
        IsRetained = false;
    }
}
