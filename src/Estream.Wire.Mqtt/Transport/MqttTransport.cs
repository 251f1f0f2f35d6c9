using System.Net.Sockets;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>A byte stream to a server, over TCP or TLS.</summary>
internal sealed class MqttTransport : IDisposable
{
    private readonly Socket _socket;

    private MqttTransport(Socket socket, Stream stream)
    {
        _socket = socket;
        Stream = stream;
    }

    public Stream Stream { get; }

    /// <inheritdoc cref="WireDialer.ConnectAsync" path="/exception"/>
    public static async Task<MqttTransport> ConnectAsync(string host, int port, WireTlsOptions? tls, CancellationToken cancellation)
    {
        (Socket socket, Stream stream) = await WireDialer.ConnectAsync(host, port, tls, cancellation).ConfigureAwait(false);
        return new MqttTransport(socket, stream);
    }

    /// <summary>Closes the connection and ends pending reads and writes.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
    }
}
