using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Estream.Journeys;

/// <summary>A FIX 4.4 counterparty with handwritten messages, with | for SOH.</summary>
internal sealed class FixCounterparty : IDisposable
{
    private const int TrailerBytes = 7;

    private readonly TcpClient _client = new();
    private readonly StringBuilder _received = new();
    private readonly string _sender;
    private readonly string _target;

    public FixCounterparty(int port, string sender, string target)
    {
        _sender = sender;
        _target = target;
        _client.Connect(IPAddress.Loopback, port);
        _client.ReceiveTimeout = 60_000;
    }

    public void Send(string msgType, int number, string body)
    {
        string time = DateTime.UtcNow.ToString("yyyyMMdd-HH:mm:ss", CultureInfo.InvariantCulture);
        string fields = $"35={msgType}|34={number}|49={_sender}|52={time}|56={_target}|{body}";
        string start = $"8=FIX.4.4|9={fields.Length}|{fields}".Replace('|', '\u0001');
        int sum = Encoding.ASCII.GetBytes(start).Sum(value => value) % 256;
        _client.GetStream().Write(Encoding.ASCII.GetBytes(start + $"10={sum:000}\u0001"));
    }

    /// <summary>Receives the next message.</summary>
    public string Receive()
    {
        byte[] buffer = new byte[4_096];
        Match end;
        while (!(end = Regex.Match(_received.ToString(), @"\|10=[0-9]{3}\|")).Success)
        {
            int length = _client.GetStream().Read(buffer);
            Assert.True(length > 0, $"The connection has ended after '{_received}'.");
            _received.Append(Encoding.ASCII.GetString(buffer, 0, length).Replace('\u0001', '|'));
        }

        int messageLength = end.Index + 1 + TrailerBytes;
        string message = _received.ToString(0, messageLength);
        _received.Remove(0, messageLength);
        return message;
    }

    public void Dispose()
    {
        _client.Dispose();
    }
}
