using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Estream.Core;
using Estream.Wire.Internal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Estream.Host.Remote;

/// <summary>
/// Accepts the connections of remote clients that do not use TLS. The thread that waits for sockets also answers small requests. The
/// transport of Kestrel reads 4 KiB at a time, and passes each request and each response to a thread of the pool.
/// </summary>
internal sealed class ClientTransport(ClientSettings settings) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private const int Backlog = 512;

    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromMilliseconds(10);

    public bool CanBind(EndPoint endpoint) => endpoint is UnixDomainSocketEndPoint
        ? endpoint.ToString() == settings.Socket
        : settings.Certificate is null && endpoint.Equals(settings.EndPoint);

    /// <summary>Binds a socket. The file of a Unix socket gives no rights to other users from the moment it exists.</summary>
    public static Socket Bind(EndPoint endPoint) => endPoint is UnixDomainSocketEndPoint
        ? PrivateCreation.Run(() => SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint))
        : SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);

    /// <exception cref="AddressInUseException">Another process listens there.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            Socket socket = Bind(endpoint);
            socket.Listen(Backlog);
            return new ValueTask<IConnectionListener>(new Listener(socket));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            // Kestrel reports this exception with the address.
            throw new AddressInUseException(failure.Message, failure);
        }
    }

    private sealed class Listener(Socket socket) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        /// <summary>Returns the next connection; null after <see cref="UnbindAsync"/>.</summary>
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    return new Connection(await socket.AcceptAsync(cancellationToken).ConfigureAwait(false));
                }
                catch (Exception ended) when (ended is ObjectDisposedException
                    or SocketException { SocketErrorCode: SocketError.OperationAborted })
                {
                    return null;
                }
                catch (SocketException)
                {
                    // The connection was lost before it was accepted, or the process has too many open files.
                    await Task.Delay(s_pauseAfterFailure, CancellationToken.None).ConfigureAwait(false);
                }
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => DisposeAsync();

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return default;
        }
    }

    private sealed class Connection : DefaultConnectionContext
    {
        // An append request has up to 128 KiB by default.
        private const int ReadBytes = 64 << 10;

        private readonly Socket _socket;
        private readonly Stream _stream;
        private readonly CancellationTokenSource _aborted = new();

        public Connection(Socket socket)
            : base(Guid.NewGuid().ToString("N"))
        {
            _socket = socket;
            (LocalEndPoint, RemoteEndPoint, ConnectionClosed) = (socket.LocalEndPoint, socket.RemoteEndPoint, _aborted.Token);
            if (LocalEndPoint is IPEndPoint)
            {
                socket.NoDelay = true;
            }

            _stream = LoopStream.Over(socket);
            if (_stream is LoopStream loop)
            {
                loop.RunsOnLoop = true;
            }

            // Reads without bytes wait, so an idle connection holds no buffer.
            Transport = new Pipes(
                PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true, useZeroByteReads: true)),
                PipeWriter.Create(_stream, new StreamPipeWriterOptions(leaveOpen: true)));
        }

        /// <summary>Ends reads and writes at once. Does not call the base class, which cancels its token later on a thread of the pool.
        /// If the connection was disposed by that time, an exception on that thread would end the process.</summary>
        public override void Abort(ConnectionAbortedException abortReason)
        {
            ShutDown();
            try
            {
                _aborted.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The connection was disposed at the same time.
            }
        }

        public override async ValueTask DisposeAsync()
        {
            ShutDown();
            await _stream.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
            _aborted.Dispose();
        }

        private void ShutDown()
        {
            try
            {
                _socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                // The client has closed the connection already.
            }
        }

        private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
    }
}
