using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Peers;

/// <summary>A blocking connection to a RESP server.</summary>
internal sealed class RespSocket : IDisposable
{
    private const int AnswerLimitMs = 60_000;
    private const byte BulkString = (byte)'$';

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        ReceiveTimeout = AnswerLimitMs,
    };

    private readonly byte[] _received = new byte[64 * 1024];

    public RespSocket(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Encodes a command as an array of bulk strings.</summary>
    public static byte[] Encode(params IEnumerable<byte[]> words)
    {
        using var command = new MemoryStream();
        byte[][] all = [.. words];
        command.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{all.Length}\r\n")));
        foreach (byte[] word in all)
        {
            command.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${word.Length}\r\n")));
            command.Write(word);
            command.Write("\r\n"u8);
        }

        return command.ToArray();
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    /// <summary>Waits for a reply of one line, such as <c>+OK</c> or <c>:1</c>.</summary>
    public string ReceiveLine()
    {
        int length = 0;
        while (length < 2 || _received[length - 1] != '\n')
        {
            length += Receive(length);
        }

        return Encoding.ASCII.GetString(_received, 0, length - 2);
    }

    /// <summary>Waits for a reply that is a bulk string, and returns its bytes, valid until the next call.</summary>
    public ReadOnlySpan<byte> ReceiveBulk()
    {
        int length = 0;
        while (true)
        {
            length += Receive(length);
            ReadOnlySpan<byte> reply = _received.AsSpan(0, length);
            int lineEnd = reply.IndexOf((byte)'\n');
            if (lineEnd < 0)
            {
                continue;
            }

            if (reply[0] != BulkString)
            {
                throw new ScenarioException($"the server answered {Encoding.ASCII.GetString(reply)}");
            }

            int bytes = int.Parse(reply[1..(lineEnd - 1)], CultureInfo.InvariantCulture);
            if (bytes < 0)
            {
                return default;
            }

            if (length >= lineEnd + 1 + bytes + 2)
            {
                return reply.Slice(lineEnd + 1, bytes);
            }
        }
    }

    /// <summary>Waits for replies that are bulk strings without line ends, and returns how many are complete.</summary>
    /// <param name="state">The lines since the start of the connection; kept by the caller between calls.</param>
    public int CountBulks(ref RespLines state)
    {
        int before = state.Lines;
        ReadOnlySpan<byte> rest = _received.AsSpan(0, Receive(0));
        while (!rest.IsEmpty)
        {
            if (state is { IsLineStart: true, Lines: var lines } && (lines & 1) == 0 && rest[0] != BulkString)
            {
                throw new ScenarioException($"the server answered {Encoding.ASCII.GetString(rest)}");
            }

            int end = rest.IndexOf((byte)'\n');
            state.IsLineStart = end >= 0;
            if (end < 0)
            {
                break;
            }

            state.Lines++;
            rest = rest[(end + 1)..];
        }

        // A bulk string has two lines: its length and its bytes.
        return (state.Lines / 2) - (before / 2);
    }

    public void Dispose() => _socket.Dispose();

    private int Receive(int offset) => _socket.Receive(_received.AsSpan(offset)) is > 0 and int count
        ? count
        : throw new ScenarioException("the server closed the connection");
}

/// <summary>How far a stream of replies was read.</summary>
internal struct RespLines()
{
    /// <summary>The number of complete lines.</summary>
    public int Lines { get; set; }

    /// <summary>Whether the next byte is the first of a line.</summary>
    public bool IsLineStart { get; set; } = true;
}
