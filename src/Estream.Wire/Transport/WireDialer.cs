using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Estream.Wire;

/// <summary>Connects an adapter to its peer by TCP or TLS, with the same error messages for all adapters.</summary>
internal static class WireDialer
{
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="tls">The TLS options; null for plain TCP.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <returns>The stream, and its socket, which the stream owns.</returns>
    /// <exception cref="WireConnectionException">The peer cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file of the options is missing or invalid.</exception>
    public static async Task<(Socket Socket, Stream Stream)> ConnectAsync(string host, int port, WireTlsOptions? tls,
        CancellationToken cancellation)
    {
        SslClientAuthenticationOptions? options = tls?.ToClientOptions(host);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return (socket, options is null ? stream : await SecureAsync(stream, options, cancellation).ConfigureAwait(false));
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
                $"{host}:{port} presented a certificate that is not accepted ({failure.Message}). Set CaFile to the authority that "
                + "issued it, ServerName to a name in the certificate, or pin it.",
                isTransient: false,
                failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
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
