namespace Estream.Wire.Compliance;

/// <summary>The other side of the wire, without the adapter's own code: a mistake both share would be found by nobody. Disposing cuts all
/// its connections and frees its port.</summary>
public interface IWirePeer : IAsyncDisposable
{
    /// <summary>
    /// Connects to an adapter that listens, or takes the next connection of one that dials, and does what comes before the first message:
    /// the handshake, the login, the subscription.
    /// </summary>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<IPeerConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>Does the same and breaks the protocol at once, or takes the connection and closes it. Returns when that connection is
    /// over.</summary>
    /// <param name="cancellation">Gives up.</param>
    ValueTask MisbehaveAsync(CancellationToken cancellation);
}

/// <summary>
/// One connection of a peer, ready for messages. It reads all the time, answers what the protocol wants answered, and gives the signs of
/// life it asks for. Disposing cuts it without a word.
/// </summary>
public interface IPeerConnection : IAsyncDisposable
{
    /// <summary>The numbers of the messages the adapter has acknowledged so far on this connection; from any thread.</summary>
    IReadOnlyCollection<int> Acknowledged { get; }

    /// <summary>What the adapter has sent so far; from any thread. Each was acknowledged where the protocol asks for it.</summary>
    IReadOnlyCollection<ComplianceMessage> Received { get; }

    /// <summary>Whether the adapter has ended the connection; from any thread.</summary>
    bool IsOver { get; }

    /// <summary>The bytes of a message on this connection. A message that is sent again under its number may be marked as such.</summary>
    /// <param name="number">Under which it is acknowledged.</param>
    /// <param name="message">The message.</param>
    ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message);

    /// <summary>Sends bytes as they are: in one piece, and at once. Waits while the adapter does not read.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The connection is over.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>From here on it answers nothing and gives no sign of life.</summary>
    void FallSilent();
}
