namespace Estream.Wire.Compliance;

/// <summary>The peer of the adapter. It must not use code of the adapter, since an error in shared code would go unnoticed. Disposing it
/// cuts all its connections and frees its port.</summary>
public interface IWirePeer : IAsyncDisposable
{
    /// <summary>
    /// Connects to an adapter that listens, or accepts the next connection of an adapter that dials. Completes the handshake, login and
    /// subscription before the first message.
    /// </summary>
    /// <param name="cancellation">Cancels the operation.</param>
    ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>Opens a connection as <see cref="OpenAsync"/> does, and immediately violates the protocol or closes the connection. Returns
    /// when the connection is closed.</summary>
    /// <param name="cancellation">Cancels the operation.</param>
    ValueTask MisbehaveAsync(CancellationToken cancellation);
}

/// <summary>
/// A connection of a peer that is ready for messages. It reads continuously, and sends the replies and keep-alives that the protocol
/// requires. Disposing it cuts the connection without a goodbye.
/// </summary>
public interface IPeerConnection : IAsyncDisposable
{
    /// <summary>The numbers of the messages the adapter has acknowledged on this connection. Thread-safe.</summary>
    IReadOnlyCollection<int> Acknowledged { get; }

    /// <summary>The messages the adapter has sent, acknowledged if the protocol requires it. Thread-safe.</summary>
    IReadOnlyCollection<ComplianceMessage> Received { get; }

    /// <summary>Whether the adapter has closed the connection. Thread-safe.</summary>
    bool IsOver { get; }

    /// <summary>Encodes a message for this connection. A message that is sent again with its number may be marked as a duplicate.</summary>
    /// <param name="number">The number with which the message is acknowledged.</param>
    /// <param name="message">The message.</param>
    ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message);

    /// <summary>Sends raw bytes at once. Waits while the adapter does not read.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="IOException">The connection is closed.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>From now on the peer sends no replies and no keep-alives.</summary>
    void FallSilent();
}
