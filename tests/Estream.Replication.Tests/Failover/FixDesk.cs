using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Estream.Replication.Tests.Failover;

/// <summary>A counterparty that speaks FIX 4.4 over one connection, and chooses its sequence numbers itself.</summary>
internal sealed class FixDesk : IDisposable
{
    private readonly TcpClient _client;
    private readonly StringBuilder _received = new();
    private readonly byte[] _buffer = new byte[4096];

    public FixDesk(int port)
    {
        _client = new TcpClient("127.0.0.1", port) { NoDelay = true, ReceiveTimeout = 60_000 };
    }

    /// <summary>Sends a message.</summary>
    /// <param name="type">MsgType.</param>
    /// <param name="number">MsgSeqNum.</param>
    /// <param name="fields">The fields after the header, separated by '|'.</param>
    public void Send(string type, int number, string fields)
    {
        string time = DateTime.UtcNow.ToString("yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture);
        string body = $"35={type}|49=DESK|56=BROKER|34={number}|52={time}|{fields}|".Replace('|', '\u0001');
        string head = $"8=FIX.4.4\u00019={body.Length}\u0001{body}";
        int sum = Encoding.Latin1.GetBytes(head).Sum(one => one) % 256;
        _client.GetStream().Write(Encoding.Latin1.GetBytes($"{head}10={sum:000}\u0001"));
    }

    /// <summary>Sends an order.</summary>
    public void SendOrder(int number) => Send("D", number,
        $"11=order-{number}|38=100|40=2|44=108.25|54=1|55=MSFT|59=0|60=20260707-12:30:00");

    /// <summary>Sends an order under a name, perhaps again.</summary>
    /// <param name="number">MsgSeqNum.</param>
    /// <param name="name">ClOrdID.</param>
    /// <param name="isRepeated">Whether the order was sent before under this number.</param>
    public void SendOrder(int number, string name, bool isRepeated) => Send("D", number,
        $"{(isRepeated ? "43=Y|122=20260707-12:30:00|" : "")}11={name}|38=100|40=2|44=108.25|54=1|55=MSFT|59=0|60=20260707-12:30:00");

    /// <summary>Receives messages until one has a type.</summary>
    /// <returns>Its MsgSeqNum.</returns>
    public int Receive(string type)
    {
        while (true)
        {
            string message = Receive();
            if (message.Contains($"\u000135={type}\u0001", StringComparison.Ordinal))
            {
                return NumberOf(message, "34");
            }
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The number in a field of a message.</summary>
    public static int NumberOf(string message, string tag) => int.Parse(
        message.Split('\u0001').First(field => field.StartsWith(tag + "=", StringComparison.Ordinal))[(tag.Length + 1)..],
        CultureInfo.InvariantCulture);

    /// <summary>Receives the next message.</summary>
    public string Receive()
    {
        while (true)
        {
            string all = _received.ToString();
            int end = all.IndexOf("\u000110=", StringComparison.Ordinal);
            int close = end < 0 ? -1 : all.IndexOf('\u0001', end + 1);
            if (close > 0)
            {
                _ = _received.Remove(0, close + 1);
                return all[..(close + 1)];
            }

            int count = _client.GetStream().Read(_buffer);
            Assert.True(count > 0, $"The host closed the connection. Received before: {all}");
            _ = _received.Append(Encoding.Latin1.GetString(_buffer, 0, count));
        }
    }
}
