using System.Net.Sockets;

namespace Estream.Cli.Recording;

/// <summary>A recorded connection that is opened once more: counts what comes back, and compares it where that is asked for.</summary>
internal sealed class ReplayConnection : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    /// <summary>What may come before it was recorded to come.</summary>
    private const int MaxAhead = 16 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Socket _socket;
    private readonly Action _progress;
    private readonly bool _compares;
    private readonly List<byte> _recorded = [];
    private readonly List<byte> _came = [];
    private Task _reading = Task.CompletedTask;
    private long _expected;
    private long _received;
    private long _compared;
    private bool _mustEnd;
    private bool _isOver;
    private string? _difference;

    private ReplayConnection(int number, Socket socket, bool compares, Action progress)
    {
        Number = number;
        _socket = socket;
        _compares = compares;
        _progress = progress;
    }

    public int Number { get; }

    /// <summary>What is other than it was recorded; null while nothing is.</summary>
    public string? Difference
    {
        get
        {
            lock (_lock)
            {
                return _difference;
            }
        }
    }

    /// <summary>Bytes that have come back.</summary>
    public long Received
    {
        get
        {
            lock (_lock)
            {
                return _received;
            }
        }
    }

    /// <summary>Whether all has come back that had come back by now when it was recorded.</summary>
    public bool HasCaughtUp
    {
        get
        {
            lock (_lock)
            {
                return _received >= _expected && (!_mustEnd || _isOver);
            }
        }
    }

    /// <summary>Whether the server has ended it as it had, and nothing was other than it was recorded.</summary>
    public bool IsDone
    {
        get
        {
            lock (_lock)
            {
                return _mustEnd && _isOver && _received >= _expected && _difference is null;
            }
        }
    }

    /// <summary>Whether the server has ended it before all had come back: it never will.</summary>
    public bool IsLost
    {
        get
        {
            lock (_lock)
            {
                return _isOver && _received < _expected;
            }
        }
    }

    /// <summary>What is missing, in words.</summary>
    public string Missing
    {
        get
        {
            lock (_lock)
            {
                return _received < _expected
                    ? $"connection {Number}: {_received} of {_expected} bytes came back{(_isOver ? ", and then the end" : "")}"
                    : $"connection {Number}: the server did not end it";
            }
        }
    }

    /// <exception cref="CliException">The server cannot be reached.</exception>
    public static async Task<ReplayConnection> OpenAsync(int number, WireAddress server, bool compares, Action progress, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellation).ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new CliException($"cannot connect to {server} ({failure.Message})");
        }

        ReplayConnection connection = new(number, socket, compares, progress);
        connection._reading = connection.ReadAsync();
        return connection;
    }

    /// <summary>Sends what the client had sent.</summary>
    /// <returns>False when the connection is over.</returns>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                int sent = await _socket.SendAsync(bytes, cancellation).ConfigureAwait(false);
                bytes = bytes[sent..];
            }

            return true;
        }
        catch (SocketException failure)
        {
            Differ($"connection {Number}: the server ended it before it was sent what it had been sent ({failure.Message})");
            return false;
        }
    }

    /// <summary>The client had sent no more from here on.</summary>
    public void End()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is over already.
        }
    }

    /// <summary>The connection had broken here.</summary>
    public void Break()
    {
        _socket.Close(0);
    }

    /// <summary>These bytes had come back.</summary>
    public void Expect(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            _expected += bytes.Length;
            if (_compares)
            {
                _recorded.AddRange(bytes);
                Compare();
            }
        }
    }

    /// <summary>The server had ended the connection here.</summary>
    public void ExpectEnd()
    {
        lock (_lock)
        {
            _mustEnd = true;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
    }

    /// <summary>Cuts the connection, and waits for what reads it.</summary>
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
            while ((count = await _socket.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false)) > 0 && Take(buffer.AsSpan(0, count)))
            {
                _progress();
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Ended in whichever way.
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
            _received += bytes.Length;
            if (_compares)
            {
                _came.AddRange(bytes);
                Compare();
            }

            if (_received - _expected > MaxAhead)
            {
                _difference ??= $"connection {Number}: more came back than was recorded";
                return false;
            }

            return true;
        }
    }

    /// <summary>Compares as far as both sides are known. The caller is inside the lock.</summary>
    private void Compare()
    {
        int both = Math.Min(_recorded.Count, _came.Count);
        for (int index = 0; index < both && _difference is null; index++)
        {
            if (_recorded[index] != _came[index])
            {
                _difference = $"connection {Number}: byte {_compared + index} that came back is 0x{_came[index]:X2}, and was 0x{_recorded[index]:X2}";
            }
        }

        _recorded.RemoveRange(0, both);
        _came.RemoveRange(0, both);
        _compared += both;
    }

    private void Differ(string difference)
    {
        lock (_lock)
        {
            _difference ??= difference;
        }
    }
}
