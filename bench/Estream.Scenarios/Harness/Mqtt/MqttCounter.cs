using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Harness;

/// <summary>Subscribes to everything that `mqtt-ingest` sends, counts the messages, and does nothing else.</summary>
internal sealed class MqttCounter : IDisposable
{
    private const int SilenceLimitMs = 60_000;
    private const int PublishType = 0x30;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        ReceiveTimeout = SilenceLimitMs,
    };
    private readonly MqttPacketStream _packets;

    public MqttCounter(int port)
    {
        _packets = new MqttPacketStream(_socket);
        _socket.Connect(IPAddress.Loopback, port);
        _socket.Send(MqttWorkload.ConnectAs("estream-scenarios-counter"));
        Expect(0x20);
        _socket.Send(MqttWorkload.Subscribe);
        Expect(0x90);
    }

    /// <summary>Returns when this many more messages have arrived.</summary>
    public void Take(long messages)
    {
        long missing = messages;
        while (missing > 0)
        {
            missing -= (_packets.Next()[0] & 0xF0) == PublishType ? 1 : 0;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Expects an answer whose last byte, the reason code, is not an error.</summary>
    private void Expect(int type)
    {
        ReadOnlySpan<byte> answer = _packets.Next();
        int reason = type == 0x20 ? answer[3] : answer[^1];
        if (answer[0] != type || reason >= 0x80)
        {
            throw new ScenarioException($"the broker answered {Convert.ToHexString(answer)}");
        }
    }
}
