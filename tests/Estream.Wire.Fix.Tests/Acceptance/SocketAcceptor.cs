using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Acceptance;

/// <summary>An acceptor in another process, over sockets and in real time.</summary>
internal sealed class SocketAcceptor(int port) : IScriptAcceptor
{
    public DateTime UtcNow => DateTime.UtcNow;

    public IScriptConnection Connect() => new Connection(port);

    public void Pass(double seconds) => Thread.Sleep(TimeSpan.FromSeconds(seconds));

    private sealed class Connection : IScriptConnection
    {
        private const int PatienceMs = 60_000;
        private const int MaxMessageBytes = 1 << 20;

        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = PatienceMs };
        private readonly List<byte> _received = [];

        public Connection(int port)
        {
            _socket.Connect(IPAddress.Loopback, port);
        }

        public void Send(byte[] bytes) => _socket.Send(bytes);

        public string? Next()
        {
            byte[] buffer = new byte[4_096];
            int length;
            while (FixFrame.TryRead([.. _received], MaxMessageBytes, out length, out _) != FixFrameStatus.Complete)
            {
                int read = _socket.Receive(buffer);
                if (read == 0)
                {
                    Assert.Empty(_received);
                    return null;
                }

                _received.AddRange(buffer.AsSpan(0, read));
            }

            string message = Encoding.Latin1.GetString([.. _received[..length]]);
            _received.RemoveRange(0, length);
            return message;
        }

        public void Dispose() => _socket.Dispose();
    }
}

/// <summary>An acceptor that a script is played against, with or without sockets and with its own clock.</summary>
internal interface IScriptAcceptor
{
    /// <summary>The current time for the messages of the script.</summary>
    DateTime UtcNow { get; }

    /// <summary>Opens a connection of a counterparty.</summary>
    IScriptConnection Connect();

    /// <summary>Lets time pass.</summary>
    void Pass(double seconds);
}

/// <summary>One counterparty of an acceptor.</summary>
internal interface IScriptConnection : IDisposable
{
    /// <summary>Sends bytes to the acceptor.</summary>
    void Send(byte[] bytes);

    /// <summary>The next message of the acceptor, in Latin-1, or null if the acceptor ends the connection; fails if neither happens in
    /// time.</summary>
    string? Next();
}
