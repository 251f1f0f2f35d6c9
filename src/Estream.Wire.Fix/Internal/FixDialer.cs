using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Estream.Wire.Fix.Internal;

/// <summary>Connects to an acceptor: TCP, or TLS over it.</summary>
internal static class FixDialer
{
    /// <exception cref="WireConnectionException">The acceptor cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file the options name is missing or not what it should be.</exception>
    public static async Task<(Socket Socket, Stream Stream)> ConnectAsync(FixInitiatorOptions options, CancellationToken cancellation)
    {
        SslClientAuthenticationOptions? tls = options.Tls?.ToClientOptions(options.Host);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(options.ConnectTimeoutSeconds));
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            FixKeepAlive.Set(socket);
            await socket.ConnectAsync(options.Host, options.Port, limit.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return (socket, tls is null ? stream : await SecureAsync(stream, tls, limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new WireConnectionException(
                $"{options.Host}:{options.Port} was not there within {options.ConnectTimeoutSeconds} seconds.", isTransient: true, failure);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            socket.Dispose();
            throw new WireConnectionException($"{options.Host}:{options.Port} cannot be reached: {failure.Message}", isTransient: true, failure);
        }
        catch (AuthenticationException failure)
        {
            socket.Dispose();
            throw new WireConnectionException(
                $"{options.Host}:{options.Port} shows a certificate that is not accepted ({failure.Message}). Set CaFile to the authority that "
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
