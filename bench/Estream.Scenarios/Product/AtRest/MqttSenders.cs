using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>Ten MQTT connections that take turns to send the messages of a thousand devices at QoS 0.</summary>
internal sealed class MqttSenders : IDisposable
{
    private const int Connections = 10;
    private const int ConnAckType = 0x20;
    private const int AnswerLimitMs = 60_000;

    private readonly Socket[] _sockets;
    private readonly byte[][] _packets = [.. Enumerable.Range(0, MqttWorkload.Devices).Select(MqttWorkload.Publish)];

    public MqttSenders(int port) => _sockets = [.. Enumerable.Range(0, Connections).Select(number => Connect(port, number))];

    /// <summary>Sends a message of device <c>number % 1000</c> as one write.</summary>
    public void Send(long number) => _sockets[number % Connections].Send(_packets[number % _packets.Length]);

    public void Dispose() => Array.ForEach(_sockets, socket => socket.Dispose());

    private static Socket Connect(int port, int number)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = AnswerLimitMs,
        };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(MqttWorkload.ConnectAs(string.Create(CultureInfo.InvariantCulture, $"sender-{number}")));
        byte[] answer = new byte[256];
        int length = socket.Receive(answer);
        return length > 0 && answer[0] == ConnAckType
            ? socket
            : throw new ScenarioException($"sender {number} was rejected: {Convert.ToHexString(answer.AsSpan(0, length))}");
    }
}
