using System.Net;
using System.Net.Sockets;

namespace Estream.Testing.Frames;

/// <summary>A bank that answers each message as a script says. It serves one connection after the other.</summary>
public sealed class ScriptedBank : IDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<string, IEnumerable<string>> _answer;
    private readonly List<string> _received = [];
    private readonly Task _serving;
    private volatile Socket? _connection;
    private volatile bool _isOver;

    /// <summary>Starts a bank on a free port.</summary>
    /// <param name="answer">Returns the answers to a message. An exception closes the connection.</param>
    public ScriptedBank(Func<string, IEnumerable<string>> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        _answer = answer;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, FreePort.Next()));
        _listener.Listen(8);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _serving = Task.Factory.StartNew(Serve, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The messages received so far.</summary>
    public string[] Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>Sends a message that is no answer, as soon as there is a connection.</summary>
    public void Send(string message) => Accepted().Send(FramePeer.Frame(message));

    /// <summary>Closes the present connection, as soon as there is one.</summary>
    public void Cut()
    {
        Socket present = Accepted();
        _ = Interlocked.CompareExchange(ref _connection, null, present);
        present.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOver = true;
        _listener.Dispose();
        _connection?.Dispose();
        _serving.Wait();
    }

    // A client is connected before the bank has accepted the connection.
    private Socket Accepted()
    {
        Eventually.True(() => _connection is not null, "the bank has accepted a connection");
        return _connection!;
    }

    private void Serve()
    {
        while (!_isOver)
        {
            try
            {
                using Socket socket = _listener.Accept();
                _connection = socket;

                // Dispose may have read the field before this connection was in it.
                while (!_isOver && FramePeer.Read(socket) is { } message)
                {
                    lock (_received)
                    {
                        _received.Add(message);
                    }

                    foreach (string answer in _answer(message))
                    {
                        socket.Send(FramePeer.Frame(answer));
                    }
                }
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException or IOException)
            {
                // The connection was closed.
            }
        }
    }
}
