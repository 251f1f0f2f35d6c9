using System.Text;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>CONNACK (section 3.2): the terms that the server grants. Strings are copied because they outlive the packet's buffer.</summary>
internal sealed class ConnAckPacket
{
    public bool SessionPresent { get; private set; }

    public MqttReasonCode Reason { get; private set; }

    public string? ReasonString { get; private set; }

    public string? AssignedClientId { get; private set; }

    public ushort? ServerKeepAliveSeconds { get; private set; }

    public uint? SessionExpirySeconds { get; private set; }

    public ushort ReceiveMaximum { get; private set; } = ushort.MaxValue;

    public uint MaximumPacketSize { get; private set; } = uint.MaxValue;

    public MqttQos MaximumQos { get; private set; } = MqttQos.ExactlyOnce;

    public bool RetainAvailable { get; private set; } = true;

    public ushort TopicAliasMaximum { get; private set; }

    public byte[]? AuthenticationMethod { get; private set; }

    public byte[]? AuthenticationData { get; private set; }

    public static Fault Decode(ReadOnlySpan<byte> body, out ConnAckPacket packet)
    {
        packet = new ConnAckPacket();
        WireReader reader = new(body);
        if (!reader.TryReadByte(out byte flags) || !reader.TryReadByte(out byte reason))
        {
            return reader.Malformed;
        }

        packet.SessionPresent = flags == 1;
        packet.Reason = (MqttReasonCode)reason;
        if (flags > 1)
        {
            return Fault.Malformed("a reserved CONNACK flag is set [MQTT-3.2.2-1]");
        }

        if (!IsReason(packet.Reason))
        {
            return Fault.Protocol("a CONNACK has a reason code of another packet [MQTT-3.2.2-8]");
        }

        if (packet.SessionPresent && packet.Reason != MqttReasonCode.Success)
        {
            return Fault.Protocol("a CONNACK refuses the connection but has Session Present set [MQTT-3.2.2-6]");
        }

        if (!PropertyReader.TryOpen(ref reader, PacketType.ConnAck, out PropertyReader properties))
        {
            return reader.Malformed;
        }

        while (properties.MoveNext())
        {
            packet.Keep(properties);
        }

        return properties.Fault.IsFault || reader.IsAtEnd
            ? properties.Fault
            : Fault.Malformed("a CONNACK has bytes after its last field (section 3.2.3)");
    }

    /// <summary>True for the reason codes of table 3-1.</summary>
    private static bool IsReason(MqttReasonCode reason)
    {
        return reason is MqttReasonCode.Success
            or (>= MqttReasonCode.UnspecifiedError and <= MqttReasonCode.Banned)
            or MqttReasonCode.BadAuthenticationMethod or MqttReasonCode.TopicNameInvalid or MqttReasonCode.PacketTooLarge
            or MqttReasonCode.QuotaExceeded or (>= MqttReasonCode.PayloadFormatInvalid and <= MqttReasonCode.ServerMoved)
            or MqttReasonCode.ConnectionRateExceeded;
    }

    private void Keep(in PropertyReader properties)
    {
        switch (properties.Id)
        {
            case PropertyId.ReasonString:
                ReasonString = Encoding.UTF8.GetString(properties.Bytes);
                break;
            case PropertyId.AssignedClientIdentifier:
                AssignedClientId = Encoding.UTF8.GetString(properties.Bytes);
                break;
            case PropertyId.ServerKeepAlive:
                ServerKeepAliveSeconds = (ushort)properties.Number;
                break;
            case PropertyId.SessionExpiryInterval:
                SessionExpirySeconds = properties.Number;
                break;
            case PropertyId.ReceiveMaximum:
                ReceiveMaximum = (ushort)properties.Number;
                break;
            case PropertyId.MaximumPacketSize:
                MaximumPacketSize = properties.Number;
                break;
            case PropertyId.MaximumQos:
                MaximumQos = (MqttQos)properties.Number;
                break;
            case PropertyId.RetainAvailable:
                RetainAvailable = properties.Number == 1;
                break;
            case PropertyId.AuthenticationMethod:
                AuthenticationMethod = properties.Bytes.ToArray();
                break;
            case PropertyId.AuthenticationData:
                AuthenticationData = properties.Bytes.ToArray();
                break;
            case PropertyId.TopicAliasMaximum:
                TopicAliasMaximum = (ushort)properties.Number;
                break;
        }
    }
}
