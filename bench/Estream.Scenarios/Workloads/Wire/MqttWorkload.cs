using System.Globalization;
using System.Text;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// The messages of `mqtt-ingest`: MQTT 5 PUBLISH packets at QoS 0 with 100-byte JSON payloads, from a thousand devices that
/// share one connection, as with a gateway.
/// </summary>
internal static class MqttWorkload
{
    public const int PayloadBytes = 100;

    public const int Devices = 1_000;

    public const string TopicPattern = "devices/{device_id}/telemetry";

    private const int Repeats = 8;

    /// <summary>Messages in the encoded block that a sender repeats.</summary>
    public const int BlockMessages = Devices * Repeats;

    public static long Messages(RunSize size) => size.Of(125, 1) * BlockMessages;

    /// <summary>CONNECT of protocol version 5: clean start, no properties, no credentials.</summary>
    public static byte[] Connect { get; } = Packet(
        0x10, [.. Text("MQTT"), 5, 0x02, 0, 60, 0, .. Text("estream-scenarios")]);

    /// <summary>SUBSCRIBE to every topic that is sent, at QoS 0.</summary>
    public static byte[] Subscribe { get; } = Packet(0x82, [0, 1, 0, .. Text("devices/#"), 0]);

    public static byte[] Disconnect { get; } = [0xE0, 0];

    /// <summary>Returns the same CONNECT for another client, which may be silent without a time limit.</summary>
    public static byte[] ConnectAs(string clientId) => Packet(0x10, [.. Text("MQTT"), 5, 0x02, 0, 0, 0, .. Text(clientId)]);

    /// <summary>Returns the topic of a device.</summary>
    public static byte[] TopicOf(int device) =>
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"devices/device-{device:0000}/telemetry"));

    /// <summary>Encodes a message of every device, repeated several times with other values.</summary>
    public static byte[] EncodeBlock()
    {
        var block = new MemoryStream();
        for (int i = 0; i < BlockMessages; i++)
        {
            block.Write(Publish(i));
        }

        return block.ToArray();
    }

    /// <summary>Encodes one message at QoS 0.</summary>
    public static byte[] Publish(int index) =>
        Packet(0x30, [.. Text($"devices/device-{index % Devices:0000}/telemetry"), 0, .. PayloadOf(index)]);

    /// <summary>Encodes messages at QoS 1, all of the same length, with packet identifiers from 1 on.</summary>
    public static byte[] EncodeAcknowledged(int messages)
    {
        var block = new MemoryStream();
        for (int i = 0; i < messages; i++)
        {
            int id = (i % ushort.MaxValue) + 1;
            byte[] topic = Text($"devices/device-{i % Devices:0000}/telemetry");
            block.Write(Packet(0x32, [.. topic, (byte)(id >> 8), (byte)id, 0, .. PayloadOf(i)]));
        }

        return block.ToArray();
    }

    /// <summary>Returns the CONNECT of a client whose session is kept for an hour. A new session ends the earlier session of the client;
    /// otherwise that session continues.</summary>
    public static byte[] ConnectKept(string clientId, bool isNew) =>
        Packet(0x10, [.. Text("MQTT"), 5, (byte)(isNew ? 2 : 0), 0, 0, 5, 0x11, 0, 0, 0x0E, 0x10, .. Text(clientId)]);

    /// <summary>SUBSCRIBE to every topic that is sent, at QoS 1.</summary>
    public static byte[] SubscribeAcknowledged { get; } = Packet(0x82, [0, 1, 0, .. Text("devices/#"), 1]);

    /// <summary>Returns a payload; the digits of the value pad it to exactly 100 bytes.</summary>
    public static byte[] PayloadOf(int index)
    {
        const string Start = """{"timestamp":17636256000000""";
        string middle = string.Create(CultureInfo.InvariantCulture, $"{index:00000},\"metric_name\":\"temperature\",\"value\":20.");
        const string End = ""","unit":"C","quality":100}""";
        string digits = (index % 97).ToString(CultureInfo.InvariantCulture);
        int missing = PayloadBytes - Start.Length - middle.Length - End.Length - digits.Length;
        return Encoding.ASCII.GetBytes(Start + middle + digits + new string('5', missing) + End);
    }

    private static byte[] Text(string text)
    {
        return [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
    }

    /// <summary>Returns a packet with a body below 16,384 bytes, so that its length takes one byte or two.</summary>
    private static byte[] Packet(byte type, byte[] body)
    {
        return body.Length < 0x80
            ? [type, (byte)body.Length, .. body]
            : [type, (byte)(body.Length & 0x7F | 0x80), (byte)(body.Length >> 7), .. body];
    }
}
