using System.Net.Security;
using System.Net.Sockets;

namespace Estream.Wire.Tools.Recording;

/// <summary>One side of a recorded connection, TCP or TLS. One reader and one writer at a time.</summary>
internal sealed class RelaySide : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _plain;
    private Stream _stream;

    public RelaySide(Socket socket)
    {
        socket.NoDelay = true;
        _socket = socket;
        _plain = new NetworkStream(socket, ownsSocket: true);
        _stream = _plain;
    }

    /// <summary>Performs the TLS handshake with a client.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The client refuses the certificate.</exception>
    public async Task SecureAsync(SslServerAuthenticationOptions options, CancellationToken cancellation)
    {
        SslStream secure = new(_plain);
        _stream = secure;
        await secure.AuthenticateAsServerAsync(options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Performs the TLS handshake with a server.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate of the server is refused.</exception>
    public async Task SecureAsync(SslClientAuthenticationOptions options, CancellationToken cancellation)
    {
        SslStream secure = new(_plain);
        _stream = secure;
        await secure.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
    }

    /// <returns>0 at the end of the stream.</returns>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) => _stream.ReadAsync(buffer, cancellation);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => _stream.WriteAsync(bytes, cancellation);

    /// <summary>Ends the stream to this side.</summary>
    public async Task EndAsync()
    {
        if (_stream is SslStream secure)
        {
            await secure.ShutdownAsync().ConfigureAwait(false);
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Resets the connection.</summary>
    public void Break() => _socket.Close(0);

    public void Dispose() => _stream.Dispose();
}
