namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>One reading of one pump: its topic, its payload, and the message in the queue.</summary>
internal static class Samples
{
    public const string Topic = "devices/pump-7/telemetry";
    public const string Json = """{"timestamp":17,"metric_name":"pressure","value":20.5}""";
    public const string Stored = """{"device_id":"pump-7","timestamp":17,"metric_name":"pressure","value":20.5}""";

    /// <summary>A CONNECT with a session expiry of 200 seconds and a will for the device of this name.</summary>
    public static byte[] ConnectWithWill(string client, byte delaySeconds)
    {
        byte[] topic = System.Text.Encoding.UTF8.GetBytes($"devices/{client}/telemetry");
        byte[] payload = System.Text.Encoding.UTF8.GetBytes(Json);
        byte[] id = System.Text.Encoding.UTF8.GetBytes(client);
        byte[] body =
        [
            .. Hex.Bytes("0004 4D515454 05 06 003C 05 11 000000C8"),
            0, (byte)id.Length, .. id,
            5, 0x18, 0, 0, 0, delaySeconds,
            0, (byte)topic.Length, .. topic,
            0, (byte)payload.Length, .. payload,
        ];
        return [0x10, .. Hex.VarInt(body.Length), .. body];
    }
}
