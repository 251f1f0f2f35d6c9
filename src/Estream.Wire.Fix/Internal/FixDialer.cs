using System.Net.Sockets;

namespace Estream.Wire.Fix.Internal;

/// <summary>Connects to an acceptor within the connect timeout.</summary>
internal static class FixDialer
{
    /// <summary>Connects, and performs the TLS handshake if configured.</summary>
    /// <exception cref="WireConnectionException">The acceptor cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file named in the options is missing or invalid.</exception>
    public static async Task<(Socket Socket, Stream Stream)> ConnectAsync(FixInitiatorOptions options, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(options.ConnectTimeoutSeconds));
        Socket socket;
        Stream stream;
        try
        {
            (socket, stream) = await WireDialer.ConnectAsync(options.Host, options.Port, options.Tls, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new WireConnectionException(
                $"{options.Host}:{options.Port} did not answer within {options.ConnectTimeoutSeconds} seconds (ConnectTimeoutSeconds).",
                isTransient: true, failure);
        }

        try
        {
            FixKeepAlive.Set(socket);
            return (socket, stream);
        }
        catch (SocketException failure)
        {
            // The connection has already failed.
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new WireConnectionException($"{options.Host}:{options.Port} cannot be reached: {failure.Message}", isTransient: true,
                failure);
        }
    }
}

/// <summary>Enables TCP keep-alive. Without heartbeats, a session has no other way to detect a lost counterparty: the connection then ends
/// after about a minute instead of the system default of two hours.</summary>
internal static class FixKeepAlive
{
    private const int IdleSeconds = 30;
    private const int IntervalSeconds = 10;
    private const int Tries = 3;

    public static void Set(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, IdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, IntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Tries);
    }
}
