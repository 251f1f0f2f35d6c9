using System.Text;

namespace Estream.Fuzz.Mqtt;

/// <summary>Valid packets of every kind and role, as a starting point for damage.</summary>
internal static class MqttSeeds
{
    public static byte[] Connect { get; } = Bytes("10 0E 0004 4D515454 05 02 003C 00 0001 61");

    /// <summary>A CONNECT of MQTT 3.1.1.</summary>
    public static byte[] Connect311 { get; } = Bytes("10 0D 0004 4D515454 04 02 003C 0001 61");

    public static IReadOnlyList<byte[]> All { get; } =
    [
        Connect,
        Bytes("10 2B 0004 4D515454 05 C6 003C 05 1100000E10 0001 61 05 1800000005 0001 62 0001 78 0004 75736572 0004 70617373"),
        Bytes("20 03 00 00 00"),
        Bytes("20 13 01 00 10 2103FF 270000FFFF 22000A 12 0002 6162"),
        Publish(0, 0, "devices/pump-7/telemetry", """{"timestamp":17,"metric_name":"pressure","value":20.5}"""),
        Publish(1, 7, "devices/pump-7/telemetry", """{"timestamp":17,"metric_name":"pressure","value":20.5}"""),
        Publish(2, 9, "devices/süd/telemetry", """{"timestamp":17,"metric_name":"pressure","value":20.5}"""),
        Publish(0, 0, "devices/pump-7/telemetry", new string('x', 3_000)),
        Bytes("32 21 0001 61 000A 16 0101 0200000005 230003 26 0001 6B 0001 76 09 0002 FFFF 7061796C6F"),
        Bytes("40 02 0007"),
        Bytes("40 04 0007 10 00"),
        Bytes("50 02 0007"),
        Bytes("62 02 0009"),
        Bytes("70 03 0009 92"),
        Bytes("82 07 0001 00 0001 61 01"),
        Bytes("82 0D 0002 00 0003 612F23 02 0001 2B 00"),
        Bytes("82 12 0004 02 0B07 0001 23 01 0002 2F2B 0C 0001 61 22"),
        Bytes("90 04 0001 00 83"),
        Bytes("A2 06 0003 00 0001 61"),
        Bytes("B0 04 0003 00 11"),
        Bytes("C0 00"),
        Bytes("D0 00"),
        Bytes("E0 00"),
        Bytes("E0 07 04 05 1100000E10"),
        Bytes("F0 00"),
        Bytes("F0 07 18 05 15 0002 6162"),
        Connect311,
        Bytes("10 1F 0004 4D515454 04 C6 003C 0001 61 0001 62 0001 78 0004 75736572 0004 70617373"),
    ];

    /// <summary>A CONNECT with a client identifier: a second connection with the same identifier would disconnect the first.</summary>
    public static byte[] ConnectAs(string clientId)
    {
        byte[] id = Encoding.UTF8.GetBytes(clientId);
        return [0x10, (byte)(13 + id.Length), .. Bytes("0004 4D515454 05 02 003C 00 00"), (byte)id.Length, .. id];
    }

    private static byte[] Publish(int qos, ushort packetId, string topic, string payload)
    {
        byte[] name = Encoding.UTF8.GetBytes(topic);
        byte[] body =
        [
            (byte)(name.Length >> 8), (byte)name.Length, .. name,
            .. qos == 0 ? [] : new[] { (byte)(packetId >> 8), (byte)packetId },
            0, .. Encoding.UTF8.GetBytes(payload),
        ];
        return body.Length < 128
            ? [(byte)(0x30 | (qos << 1)), (byte)body.Length, .. body]
            : [(byte)(0x30 | (qos << 1)), (byte)(body.Length | 0x80), (byte)(body.Length >> 7), .. body];
    }

    private static byte[] Bytes(string hex)
    {
        return Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
    }
}
