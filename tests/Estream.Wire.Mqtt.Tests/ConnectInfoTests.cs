using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests;

public class ConnectInfoTests
{
    [Fact]
    public void MQTT_3_1_2_7_all_fields_of_the_will_are_kept()
    {
        // The will has QoS 2, delay 5, expiry 60, a content type, and two user properties with the same name, whose order matters.
        byte[] properties = Hex.Bytes("18 00000005 02 0000003C 03 0001 74 26 0001 6B 0001 31 26 0001 6B 0001 32");
        byte[] body =
        [
            .. Hex.Bytes("0004 4D515454 05 16 003C 00 0001 61"),
            (byte)properties.Length, .. properties,
            .. Hex.Bytes("0003 622F63 0002 FF00"),
        ];

        ConnectInfo client = ConnectInfo.Read(body, maxClientIdBytes: 23);

        Assert.False(client.Fault.IsFault, client.Fault.ToString());
        WillMessage will = Assert.IsType<WillMessage>(client.Will);
        Assert.Equal("b/c"u8.ToArray(), will.Topic);
        Assert.Equal([0xFF, 0], will.Payload);
        Assert.Equal(5u, will.DelaySeconds);
        Assert.Equal(MqttQos.ExactlyOnce, will.Qos);
        Assert.Equal(60u, will.ExpirySeconds);
        Assert.Equal(properties, will.Properties);
    }

    [Fact]
    public void Limits_of_the_client_are_kept()
    {
        ConnectInfo client = ConnectInfo.Read(Hex.Bytes("0004 4D515454 05 02 003C 08 210007 220003 1700 0001 61"), maxClientIdBytes: 23);

        Assert.False(client.Fault.IsFault, client.Fault.ToString());
        Assert.Equal(7, client.ReceiveMaximum);
        Assert.Equal(3, client.TopicAliasMaximum);
        Assert.False(client.WantsProblemInformation);
    }

    [Fact]
    public void Nothing_of_a_refused_CONNECT_is_kept()
    {
        byte[] name = new byte[60_000];
        name.AsSpan().Fill((byte)'x');
        byte[] body = [.. Hex.Bytes("0004 4D515454 05 02 003C 00"), (byte)(name.Length >> 8), unchecked((byte)name.Length), .. name];

        ConnectInfo client = ConnectInfo.Read(body, maxClientIdBytes: 256);

        Assert.Equal(MqttReasonCode.ClientIdentifierNotValid, client.Fault.Code);
        Assert.Empty(client.ClientId);
    }
}
