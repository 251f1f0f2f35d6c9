using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Codec;

/// <summary>The tables of reason codes, repeated independently: each of the 256 codes in each packet that has a reason code.</summary>
public class ReasonTableTests
{
    private static readonly byte[] s_connAck =
    [
        0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F,
    ];

    private static readonly byte[] s_disconnect =
    [
        0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A,
        0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
    ];

    private static readonly byte[] s_received = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

    private static readonly byte[] s_released = [0x00, 0x92];

    [Fact]
    public void MQTT_3_2_2_8_CONNACK_accepts_only_the_reason_codes_of_its_table()
    {
        RequireTable(s_connAck, code => ConnAckPacket.Decode([0, code, 0], out _));
    }

    [Fact]
    public void MQTT_3_14_2_1_DISCONNECT_accepts_only_the_reason_codes_of_its_table()
    {
        RequireTable(s_disconnect, code => DisconnectPacket.Decode((byte[])[code], isFromServer: false, out _));
        RequireTable(s_disconnect, code => DisconnectPacket.Decode((byte[])[code], isFromServer: true, out _));
    }

    [Fact]
    public void MQTT_3_4_2_1_PUBACK_accepts_only_the_reason_codes_of_its_table()
    {
        RequireTable(s_received, code => AckPacket.Decode(PacketType.PubAck, [0, 1, code], out _));
    }

    [Fact]
    public void MQTT_3_5_2_1_PUBREC_accepts_only_the_reason_codes_of_its_table()
    {
        RequireTable(s_received, code => AckPacket.Decode(PacketType.PubRec, [0, 1, code], out _));
    }

    [Fact]
    public void MQTT_3_6_2_1_PUBREL_accepts_only_the_reason_codes_of_its_table()
    {
        RequireTable(s_released, code => AckPacket.Decode(PacketType.PubRel, [0, 1, code], out _));
    }

    [Fact]
    public void MQTT_3_7_2_1_PUBCOMP_accepts_only_the_reason_codes_of_its_table()
    {
        RequireTable(s_released, code => AckPacket.Decode(PacketType.PubComp, [0, 1, code], out _));
    }

    [Fact]
    public void MQTT_3_2_2_6_CONNACK_with_a_failure_and_Session_Present_is_refused()
    {
        Assert.False(ConnAckPacket.Decode([1, 0x00, 0], out _).IsFault);
        Assert.Equal(MqttReasonCode.ProtocolError, ConnAckPacket.Decode([1, 0x87, 0], out _).Code);
    }

    [Fact]
    public void MQTT_3_2_2_1_CONNACK_with_a_reserved_flag_is_refused()
    {
        for (int bit = 1; bit < 8; bit++)
        {
            Assert.Equal(MqttReasonCode.MalformedPacket, ConnAckPacket.Decode([(byte)(1 << bit), 0, 0], out _).Code);
        }
    }

    [Fact]
    public void MQTT_3_14_2_2_server_DISCONNECT_with_a_session_expiry_is_refused()
    {
        byte[] body = [0x00, 5, 0x11, 0, 0, 0, 60];

        Assert.False(DisconnectPacket.Decode(body, isFromServer: false, out DisconnectPacket packet).IsFault);
        Assert.Equal(60u, packet.SessionExpirySeconds);
        Assert.Equal(MqttReasonCode.ProtocolError, DisconnectPacket.Decode(body, isFromServer: true, out _).Code);
    }

    private static void RequireTable(byte[] table, Func<byte, Fault> decode)
    {
        for (int code = 0; code < 256; code++)
        {
            Fault fault = decode((byte)code);

            Assert.True(table.Contains((byte)code) == !fault.IsFault, $"0x{code:X2}: {fault}");
            Assert.True(!fault.IsFault || fault.Code == MqttReasonCode.ProtocolError, $"0x{code:X2}: {fault}");
        }
    }
}
