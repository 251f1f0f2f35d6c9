using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Estream.Client.Connection;

/// <summary>Opens sockets to a host.</summary>
internal static class ClientTransport
{
    private const int ReadBufferBytes = 64 << 10;

    /// <exception cref="IOException">The host cannot be reached.</exception>
    /// <exception cref="SocketException">The host cannot be reached.</exception>
    /// <exception cref="AuthenticationException">The certificate of the host is not valid.</exception>
    public static async Task<Stream> OpenAsync(HostAddress address, EstreamClientOptions options, CancellationToken cancellation)
    {
        Socket socket = address.SocketPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Stream? stream = null;
        try
        {
            if (address.SocketPath is { } path)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            }
            else
            {
                await socket.ConnectAsync(address.Host, address.Port, cancellation).ConfigureAwait(false);
            }

            stream = new NetworkStream(socket, ownsSocket: true);
            if (!address.IsTls)
            {
                return stream;
            }

            SslStream tls = new(stream);
            stream = tls;
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = address.Host,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = options.CertificateValidation,
                },
                cancellation).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }

            socket.Dispose();
            throw;
        }
    }

    public static PipeReader ReaderOf(Stream stream) =>
        PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadBufferBytes, leaveOpen: true));

    public static PipeWriter WriterOf(Stream stream) => PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
}
