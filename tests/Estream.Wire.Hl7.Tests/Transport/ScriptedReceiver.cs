using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>A receiver that answers each message as a test says.</summary>
internal sealed class ScriptedReceiver : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<string, string?> _answer;
    private Socket? _connection;

    /// <param name="answer">Returns the answer to a message; null to close the connection without one.</param>
    /// <param name="port">The port; 0 lets the system choose.</param>
    public ScriptedReceiver(Func<string, string?> answer, int port = 0)
    {
        _answer = answer;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = Task.Run(ServeAsync);
    }

    public int Port { get; }

    public ConcurrentQueue<string> Received { get; } = new();

    /// <summary>Answers with MSA and, if it is not 0, an error code in ERR.</summary>
    public static string Ack(string message, string code, int error = 0)
    {
        string[] header = message.Split('\r')[0].Split('|');
        string answer = $"MSH|^~\\&|R|R|S|S|20260101||ACK|9|P|2.5\rMSA|{code}|{header[9]}|{header[9]}\r";
        return error == 0 ? answer : answer + $"ERR|||{error}^^HL70357|E\r";
    }

    /// <summary>Closes the connection of the sender.</summary>
    public void Cut() => _connection?.Dispose();

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                _connection = await _listener.AcceptAsync();
                while (ListenerRig.ReadFrame(_connection) is { } message)
                {
                    Received.Enqueue(message);
                    if (_answer(message) is not { } answer)
                    {
                        break;
                    }

                    _connection.Send([0x0B, .. Encoding.UTF8.GetBytes(answer), 0x1C, 0x0D]);
                }

                _connection.Dispose();
            }
            catch (Exception failure) when (failure is SocketException && _listener.SafeHandle.IsClosed is false)
            {
                // The connection was cut.
            }
            catch (Exception failure) when (failure is ObjectDisposedException or SocketException)
            {
                if (_listener.SafeHandle.IsClosed)
                {
                    return;
                }
            }
        }
    }
}
