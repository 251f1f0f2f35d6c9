using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Wire.Fix.Tests.Acceptance;

namespace Estream.Journeys;

/// <summary>An acceptor in another process, for scripts: over sockets, in the time of this machine.</summary>
internal sealed class SocketAcceptor(int port) : IScriptAcceptor
{
    public DateTime UtcNow => DateTime.UtcNow;

    public IScriptConnection Connect()
    {
        return new Connection(port);
    }

    public void Pass(double seconds)
    {
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
    }

    private sealed class Connection : IScriptConnection
    {
        private const int TrailerBytes = 7;

        private readonly TcpClient _client = new();
        private string _received = "";

        public Connection(int port)
        {
            _client.Connect(IPAddress.Loopback, port);
            _client.NoDelay = true;
            _client.ReceiveTimeout = 60_000;
        }

        public void Send(byte[] bytes)
        {
            _client.GetStream().Write(bytes);
        }

        public string? Next()
        {
            byte[] buffer = new byte[4_096];
            Match end;
            while (!(end = Regex.Match(_received, "\u000110=[0-9]{3}\u0001")).Success)
            {
                int length = _client.GetStream().Read(buffer);
                if (length == 0)
                {
                    Assert.Equal("", _received);
                    return null;
                }

                _received += Encoding.Latin1.GetString(buffer, 0, length);
            }

            int messageLength = end.Index + 1 + TrailerBytes;
            string message = _received[..messageLength];
            _received = _received[messageLength..];
            return message;
        }

        public void Dispose()
        {
            _client.Dispose();
        }
    }
}
