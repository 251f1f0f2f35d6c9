using System.Net.Sockets;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The broker of `mqtt-client`, the same for all clients, in a child process (<c>--mqtt-answer</c>): acknowledges messages published
/// at QoS 1 and does nothing else with them, so that the client determines the time. It prints <c>port N</c>; exits when its input ends.
/// </summary>
internal static class MqttAnswerer
{
    public const string Role = "--mqtt-answer";

    private const int ConnectType = 0x10;
    private const int PublishType = 0x30;
    private const int PingType = 0xC0;
    private const int FirstQosBit = 0x02;

    // A CONNACK that accepts the client, with a Receive Maximum of 256, which limits the unacknowledged messages of every client.
    private static readonly byte[] s_accepted = [0x20, 6, 0, 0, 3, 0x21, 1, 0];
    private static readonly byte[] s_pong = [0xD0, 0];

    public static ChildProcess Start(out int port) => SocketAnswerer.Start(Role, "the broker of mqtt-client", out port);

    /// <summary>The child side.</summary>
    public static int Run(ReadOnlySpan<string> arguments) => SocketAnswerer.Run(Role, arguments, Answer);

    private static void Answer(Socket connection)
    {
        var packets = new MqttPacketStream(connection);

        // Large enough for all answers to one read: no answer is longer than its packet.
        byte[] answers = new byte[MqttPacketStream.BufferBytes];
        while (packets.Fill())
        {
            int length = 0;
            while (packets.TryTake(out ReadOnlySpan<byte> packet, out int bodyAt))
            {
                length += Write(packet, bodyAt, answers.AsSpan(length));
            }

            for (int sent = 0; sent < length;)
            {
                sent += connection.Send(answers.AsSpan(sent, length - sent));
            }
        }
    }

    private static int Write(ReadOnlySpan<byte> packet, int bodyAt, Span<byte> answer)
    {
        switch (packet[0] & 0xF0)
        {
            case ConnectType:
                s_accepted.CopyTo(answer);
                return s_accepted.Length;
            case PingType:
                s_pong.CopyTo(answer);
                return s_pong.Length;
            case PublishType when (packet[0] & FirstQosBit) != 0:
                int idAt = bodyAt + 2 + ((packet[bodyAt] << 8) | packet[bodyAt + 1]);
                answer[0] = 0x40;
                answer[1] = 2;
                packet.Slice(idAt, 2).CopyTo(answer[2..]);
                return 4;
            default:
                return 0;
        }
    }
}
