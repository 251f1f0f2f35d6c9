using System.Net.Sockets;
using System.Security.Authentication;

namespace Estream.Wire.Tools.Recording;

/// <summary>A replayed connection: counts the replies, and compares them if requested.</summary>
internal sealed class ReplayConnection : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    /// <summary>The maximum amount by which received replies may be ahead of the recorded ones.</summary>
    private const int MaxAhead = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly RelaySide _server;
    private readonly Action _progress;
    private readonly IReplies _replies;
    private Task _reading = Task.CompletedTask;
    private long _expectedBytes;
    private long _receivedBytes;
    private bool _mustEnd;
    private bool _isOver;
    private string? _difference;

    private ReplayConnection(int number, RelaySide server, IReplies replies, Action progress)
    {
        Number = number;
        _server = server;
        _replies = replies;
        _progress = progress;
    }

    public int Number { get; }

    /// <summary>The first difference from the recording; null for none.</summary>
    public string? Difference
    {
        get
        {
            lock (_lock)
            {
                return _difference ?? (_replies.Difference is { } difference ? $"connection {Number}: {difference}" : null);
            }
        }
    }

    /// <summary>Received bytes.</summary>
    public long Received
    {
        get
        {
            lock (_lock)
            {
                return _receivedBytes;
            }
        }
    }

    /// <summary>Whether all replies that were recorded up to now have arrived.</summary>
    public bool HasCaughtUp
    {
        get
        {
            lock (_lock)
            {
                return _replies.Received >= _replies.Expected && (!_mustEnd || _isOver);
            }
        }
    }

    /// <summary>Whether the server has ended the connection as recorded, without differences.</summary>
    public bool IsDone
    {
        get
        {
            lock (_lock)
            {
                return _mustEnd && _isOver && _replies.Received >= _replies.Expected && Difference is null;
            }
        }
    }

    /// <summary>Whether the server has ended the connection before all replies arrived.</summary>
    public bool IsLost
    {
        get
        {
            lock (_lock)
            {
                return _isOver && _replies.Received < _replies.Expected;
            }
        }
    }

    /// <summary>The missing replies, as text.</summary>
    public string Missing
    {
        get
        {
            lock (_lock)
            {
                return _replies.Received < _replies.Expected
                    ? $"connection {Number}: received {_replies.Received} of {_replies.Expected} {_replies.Unit}"
                        + $"{(_isOver ? ", then the connection ended" : "")}"
                    : $"connection {Number}: the server did not close the connection";
            }
        }
    }

    /// <param name="number">The number of the connection in the recording.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Called from any thread after a reply.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <exception cref="WireToolException">The server cannot be reached, or its certificate is refused.</exception>
    public static async Task<ReplayConnection> OpenAsync(int number, ReplayOptions options, Action progress, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        RelaySide? server = null;
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(options.Patience);
            await socket.ConnectAsync(options.Server.Host, options.Server.Port, limit.Token).ConfigureAwait(false);
            server = new RelaySide(socket);
            if (options.Tls is { } wanted)
            {
                await server.SecureAsync(wanted, limit.Token).ConfigureAwait(false);
            }

            ReplayConnection connection = new(number, server,
                options.Protocol == WireProtocol.Fix ? new FixReplies(options.Compares) : new ByteReplies(options.Compares), progress);
            connection._reading = connection.ReadAsync();
            return connection;
        }
        catch (Exception failure) when (failure is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            server?.Dispose();
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            string why = failure is OperationCanceledException
                ? $"no answer within {(int)options.Patience.TotalSeconds} s"
                : failure.Message;
            throw new WireToolException($"cannot connect to {options.Server}{(options.Tls is null ? "" : " with TLS")} ({why})");
        }
    }

    /// <summary>Sends recorded bytes of the client.</summary>
    /// <returns>False if the connection has ended.</returns>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await _server.SendAsync(bytes, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (IOException failure)
        {
            Differ($"connection {Number}: the server closed the connection before all recorded bytes were sent ({failure.Message})");
            return false;
        }
    }

    /// <summary>Ends the stream to the server, as the client did.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _server.EndAsync().ConfigureAwait(false);
        }
        catch (Exception over) when (over is SocketException or IOException)
        {
            // The connection has ended already.
        }
    }

    /// <summary>Resets the connection, as recorded.</summary>
    public void Break()
    {
        _server.Break();
    }

    /// <summary>Adds recorded replies.</summary>
    public void Expect(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _expectedBytes += bytes.Length;
            _replies.Expect(bytes);
        }
    }

    /// <summary>Records that the server had ended the connection here.</summary>
    public void ExpectEnd()
    {
        lock (_lock)
        {
            _mustEnd = true;
        }
    }

    public void Dispose()
    {
        _server.Dispose();
    }

    /// <summary>Closes the connection and waits for its reader.</summary>
    public Task CloseAsync()
    {
        Dispose();
        return _reading;
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[ReadBytes];
        try
        {
            int count;
            while ((count = await _server.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false)) > 0
                && Take(buffer.AsSpan(0, count)))
            {
                _progress();
            }
        }
        catch (Exception end) when (end is IOException or ObjectDisposedException)
        {
            // The connection has ended; the reason does not matter.
        }

        lock (_lock)
        {
            _isOver = true;
        }

        _progress();
    }

    private bool Take(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _receivedBytes += bytes.Length;
            _replies.Take(bytes);

            if (_receivedBytes - _expectedBytes > MaxAhead)
            {
                _difference ??= $"connection {Number}: the server sent more than was recorded";
                return false;
            }

            return true;
        }
    }

    private void Differ(string difference)
    {
        lock (_lock)
        {
            _difference ??= difference;
        }
    }
}
