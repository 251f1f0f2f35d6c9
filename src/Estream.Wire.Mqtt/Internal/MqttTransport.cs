using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>A connected byte stream to a server: TCP, or TLS over it.</summary>
internal sealed class MqttTransport : IDisposable
{
    private readonly Socket _socket;

    private MqttTransport(Socket socket, Stream stream)
    {
        _socket = socket;
        Stream = stream;
    }

    public Stream Stream { get; }

    /// <exception cref="WireConnectionException">The server cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file the options name is missing or not what it should be.</exception>
    public static async Task<MqttTransport> ConnectAsync(string host, int port, WireTlsOptions? tls, CancellationToken cancellation)
    {
        SslClientAuthenticationOptions? options = tls?.ToClientOptions(host);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return new MqttTransport(socket, options is null ? stream : await SecureAsync(stream, options, cancellation).ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            socket.Dispose();
            throw new WireConnectionException($"{host}:{port} cannot be reached: {failure.Message}", isTransient: true, failure);
        }
        catch (AuthenticationException failure)
        {
            socket.Dispose();
            throw new WireConnectionException(
                $"{host}:{port} shows a certificate that is not accepted ({failure.Message}). Set CaFile to the authority that "
                + "issued it, ServerName to the name it carries, or pin it.",
                isTransient: false,
                failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Ends reads and writes under way at once.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
    }

    private static async Task<Stream> SecureAsync(Stream inner, SslClientAuthenticationOptions options, CancellationToken cancellation)
    {
        SslStream stream = new(inner);
        try
        {
            await stream.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
