using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Estream.Wire.Fix.Internal;

/// <summary>Connects to an acceptor: TCP, or TLS over it.</summary>
internal static class FixDialer
{
    /// <exception cref="WireConnectionException">The acceptor cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file the options name is missing or not what it should be.</exception>
    public static async Task<(Socket Socket, Stream Stream)> ConnectAsync(FixInitiatorOptions options, CancellationToken cancellation)
    {
        SslClientAuthenticationOptions? tls = options.Tls is null ? null : LoadTls(options.Host, options.Tls);
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
                + "issued it, ServerName to the name it carries, or PinnedCertificateSha256 to its hash.",
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

    private static SslClientAuthenticationOptions LoadTls(string host, FixClientTlsOptions options)
    {
        SslClientAuthenticationOptions tls = new WireTlsOptions
        {
            CaFile = options.CaFile,
            ServerName = options.ServerName,
            CertificateFile = options.CertificateFile,
            KeyFile = options.KeyFile,
        }.ToClientOptions(host);
        if (options.PinnedCertificateSha256 is { } pin)
        {
            bool isPinEnough = options.CaFile is null;
            string expected = pin.Replace(":", "", StringComparison.Ordinal);
            tls.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                certificate is not null
                && (errors == SslPolicyErrors.None || isPinEnough)
                && certificate.GetCertHashString(HashAlgorithmName.SHA256).Equals(expected, StringComparison.OrdinalIgnoreCase);
        }

        return tls;
    }
}
