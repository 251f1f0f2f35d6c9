using System.Net.Sockets;

namespace Estream.Wire.Fix.Internal;

/// <summary>Connects to an acceptor within the time that there is for it.</summary>
internal static class FixDialer
{
    /// <exception cref="WireConnectionException">The acceptor cannot be reached, or its certificate is not accepted.</exception>
    /// <exception cref="WireConfigurationException">A file the options name is missing or not what it should be.</exception>
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
                $"{options.Host}:{options.Port} was not there within {options.ConnectTimeoutSeconds} seconds.", isTransient: true, failure);
        }

        try
        {
            FixKeepAlive.Set(socket);
            return (socket, stream);
        }
        catch (SocketException failure)
        {
            // It has broken already.
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new WireConnectionException($"{options.Host}:{options.Port} cannot be reached: {failure.Message}", isTransient: true,
                failure);
        }
    }
}

/// <summary>A session without heartbeats has nothing else to learn by that its counterparty is gone: it holds its session for a minute
/// then, and not for the two hours of the system.</summary>
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
