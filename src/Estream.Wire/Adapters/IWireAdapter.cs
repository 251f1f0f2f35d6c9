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
