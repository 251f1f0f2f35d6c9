using System.Text;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>Packets of MQTT 3.1.1, written without the product's codec.</summary>
internal static class Packets311
{
    /// <summary>Encodes a CONNECT; <paramref name="rest"/> contains the fields that its flags announce.</summary>
    public static byte[] Connect(string clientId, bool cleanSession = true, byte keepAlive = 60, byte flags = 0, params byte[] rest)
    {
        byte[] body = [0, 4, .. "MQTT"u8, 4, (byte)(flags | (cleanSession ? 2 : 0)), 0, keepAlive, .. Text(clientId), .. rest];
        return [0x10, .. Hex.VarInt(body.Length), .. body];
    }

    public static byte[] Publish(string topic, string payload, int qos = 0, byte packetId = 0)
    {
        byte[] body = PublishBody(topic, payload, qos, packetId);
        return [(byte)(0x30 | (qos << 1)), .. Hex.VarInt(body.Length), .. body];
    }

    /// <summary>Encodes the part of a PUBLISH after the fixed header.</summary>
    public static byte[] PublishBody(string topic, string payload, int qos = 0, byte packetId = 0)
    {
        byte[] id = qos == 0 ? [] : [0, packetId];
        return [.. Text(topic), .. id, .. Encoding.UTF8.GetBytes(payload)];
    }

    public static byte[] Subscribe(byte packetId, string filter, byte qos)
    {
        byte[] body = [0, packetId, .. Text(filter), qos];
        return [0x82, .. Hex.VarInt(body.Length), .. body];
    }

    public static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }
}
