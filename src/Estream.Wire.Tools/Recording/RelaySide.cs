using System.Net.Security;
using System.Net.Sockets;

namespace Estream.Wire.Tools.Recording;

/// <summary>One side of a connection that is recorded: a socket, or TLS over it. One reads and one writes at a time.</summary>
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

    /// <summary>Shows a client a certificate.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The client does not take it.</exception>
    public async Task SecureAsync(SslServerAuthenticationOptions options, CancellationToken cancellation)
    {
        SslStream secure = new(_plain);
        _stream = secure;
        await secure.AuthenticateAsServerAsync(options, cancellation).ConfigureAwait(false);
    }

    /// <summary>Checks the certificate of a server.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">It is another one.</exception>
    public async Task SecureAsync(SslClientAuthenticationOptions options, CancellationToken cancellation)
    {
        SslStream secure = new(_plain);
        _stream = secure;
        await secure.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
    }

    /// <returns>0 where nothing more comes.</returns>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellation) => _stream.ReadAsync(buffer, cancellation);

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => _stream.WriteAsync(bytes, cancellation);

    /// <summary>Nothing more is sent to this side.</summary>
    public async Task EndAsync()
    {
        if (_stream is SslStream secure)
        {
            await secure.ShutdownAsync().ConfigureAwait(false);
        }

        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Closes it hard, so that it sees that it was no end.</summary>
    public void Break() => _socket.Close(0);

    public void Dispose() => _stream.Dispose();
}
