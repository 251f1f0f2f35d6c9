using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

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
    public static async Task<MqttTransport> ConnectAsync(string host, int port, MqttTlsOptions? tls, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host, port, cancellation).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return new MqttTransport(socket, tls is null ? stream : await SecureAsync(stream, host, tls, cancellation).ConfigureAwait(false));
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

    /// <summary>Ends reads and writes under way at once.</summary>
    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
    }

    private static async Task<Stream> SecureAsync(Stream inner, string host, MqttTlsOptions tls, CancellationToken cancellation)
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = tls.ServerName ?? host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (tls.CaFile is not null)
        {
            options.CertificateChainPolicy = TrustOnly(tls.CaFile);
        }

        if (tls.PinnedCertificateSha256 is { } pin)
        {
            bool isPinEnough = tls.CaFile is null;
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                certificate is not null
                && (errors == SslPolicyErrors.None || isPinEnough)
                && CertificatePin.Matches(pin, certificate);
        }

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

    private static X509ChainPolicy TrustOnly(string caFile)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caFile);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new WireConnectionException($"The CA file {caFile} cannot be read: {failure.Message}", isTransient: false, failure);
        }

        return policy;
    }
}
