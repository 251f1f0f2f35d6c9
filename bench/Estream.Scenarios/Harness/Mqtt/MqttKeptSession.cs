using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The session of an absent subscriber, which subscribes at QoS 1 to every topic that is sent, so that a broker must keep every message.
/// <see cref="Take"/> fetches the messages.
/// </summary>
internal sealed class MqttKeptSession
{
    private const string ClientId = "estream-scenarios-absent";
    private const int SilenceLimitMs = 60_000;
    private const int PublishType = 0x30;

    private readonly int _port;

    /// <summary>Creates the session, which has no messages yet.</summary>
    public MqttKeptSession(int port)
    {
        _port = port;
        using Socket socket = Open(isNew: true, out MqttPacketStream packets);
        socket.Send(MqttWorkload.SubscribeAcknowledged);
        _ = packets.Next();
        socket.Send(MqttWorkload.Disconnect);
    }

    /// <summary>Returns when this many messages have arrived; each is acknowledged.</summary>
    public void Take(long messages)
    {
        using Socket socket = Open(isNew: false, out MqttPacketStream packets);
        byte[] acknowledgement = [0x40, 2, 0, 0];
        for (long missing = messages; missing > 0;)
        {
            ReadOnlySpan<byte> packet = packets.Next();
            if ((packet[0] & 0xF0) == PublishType)
            {
                // The fixed header has two bytes, because a message has more than 127 bytes.
                int topic = BinaryPrimitives.ReadUInt16BigEndian(packet[3..]);
                packet.Slice(5 + topic, 2).CopyTo(acknowledgement.AsSpan(2));
                socket.Send(acknowledgement);
                missing--;
            }
        }

        socket.Send(MqttWorkload.Disconnect);
    }

    private Socket Open(bool isNew, out MqttPacketStream packets)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = SilenceLimitMs,
        };
        packets = new MqttPacketStream(socket);
        socket.Connect(IPAddress.Loopback, _port);
        socket.Send(MqttWorkload.ConnectKept(ClientId, isNew));
        ReadOnlySpan<byte> answer = packets.Next();
        return answer[0] == 0x20 && answer[3] == 0
            ? socket
            : throw new ScenarioException($"the broker answered {Convert.ToHexString(answer)}");
    }
}
