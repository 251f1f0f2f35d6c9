using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Codec;

/// <summary>A PUBLISH as a server sends it, and the properties of a message that are forwarded to subscribers.</summary>
public class ServerPublishTests
{
    private const string Payload = "payload";

    [Fact]
    public void Write_produces_the_bytes_of_the_standard()
    {
        // The packet has QoS 2, DUP, RETAIN, topic a, identifier 10, expiry 5, alias 3, two subscription identifiers (the second has two
        // bytes), and a user property.
        byte[] bytes = new byte[64];
        ServerPublish packet = new()
        {
            Topic = "a"u8,
            Qos = MqttQos.ExactlyOnce,
            IsDuplicate = true,
            IsRetained = true,
            PacketId = 10,
            TopicAlias = 3,
            ExpirySeconds = 5,
            SubscriptionIds = [7, 128],
            Properties = Hex.Bytes("26 0001 6B 0001 76"),
            Payload = "x"u8,
        };

        int length = packet.Write(bytes);

        Assert.Equal(packet.Length, length);
        Assert.Equal(Hex.Bytes("3D 1B 0001 61 000A 14 02 00000005 23 0003 0B 07 0B 8001 26 0001 6B 0001 76 78"), bytes[..length]);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)]
    [InlineData(2, 20_000)]
    [InlineData(1, 70_000)]
    public void Written_PUBLISH_decodes_to_the_same_fields(int qos, int propertyBytes)
    {
        byte[] properties = propertyBytes == 0 ? [] : UserProperties(propertyBytes);
        ServerPublish written = new()
        {
            Topic = "devices/a"u8,
            Qos = (MqttQos)qos,
            PacketId = qos == 0 ? (ushort)0 : (ushort)0xABCD,
            SubscriptionIds = qos == 0 ? [] : [268_435_455],
            Properties = properties,
            Payload = System.Text.Encoding.UTF8.GetBytes(Payload),
        };
        byte[] bytes = new byte[written.Length];

        Assert.Equal(bytes.Length, written.Write(bytes));
        Assert.Equal(HeaderStatus.Complete, FixedHeader.TryRead(bytes, out FixedHeader header, out _));
        Assert.Equal(bytes.Length, header.PacketLength);
        Fault fault =
            PublishPacket.Decode(bytes[0], bytes.AsSpan(header.HeaderLength), default, isFromServer: true, out PublishPacket read);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal((MqttQos)qos, read.Qos);
        Assert.Equal(written.PacketId, read.PacketId);
        Assert.Equal(Payload, System.Text.Encoding.UTF8.GetString(read.Payload));
        byte[] kept = new byte[read.Properties.Length];
        Assert.Equal(properties, kept[..KeptProperties.Copy(read.Properties, PacketType.Publish, kept)]);
    }

    [Fact]
    public void Hop_properties_are_dropped_and_the_others_keep_their_order()
    {
        // User property, alias, payload format, expiry, content type, correlation data, response topic, user property.
        byte[] block =
            Hex.Bytes("26 0001 6B 0001 76  23 0003  01 01  02 00000005  03 0001 63  09 0002 FFFF  08 0001 72  26 0001 6B 0001 77");
        byte[] body = [.. Hex.Bytes("0001 61"), (byte)block.Length, .. block];

        Assert.False(PublishPacket.Decode(0x30, body, default, isFromServer: false, out PublishPacket packet).IsFault);
        byte[] kept = new byte[packet.Properties.Length];
        int length = KeptProperties.Copy(packet.Properties, PacketType.Publish, kept);

        Assert.Equal((ushort)3, packet.TopicAlias);
        Assert.Equal(5u, packet.ExpirySeconds);
        Assert.Equal(Hex.Bytes("26 0001 6B 0001 76  01 01  03 0001 63  09 0002 FFFF  08 0001 72  26 0001 6B 0001 77"), kept[..length]);
    }

    [Fact]
    public void Will_delay_interval_is_not_forwarded()
    {
        byte[] block = Hex.Bytes("18 00000005  26 0001 6B 0001 76  02 00000009");
        byte[] kept = new byte[block.Length];

        int length = KeptProperties.Copy(block, PacketType.Will, kept);

        Assert.Equal(Hex.Bytes("26 0001 6B 0001 76"), kept[..length]);
    }

    [Fact]
    public void Fits_requires_a_maximum_packet_size_of_at_least_the_length()
    {
        ServerPublish packet = new() { Topic = "a"u8, Payload = new byte[200] };

        Assert.Equal(1 + 2 + 3 + 1 + 200, packet.Length);
        Assert.True(packet.Fits((uint)packet.Length));
        Assert.False(packet.Fits((uint)packet.Length - 1));
    }

    private static byte[] UserProperties(int bytes)
    {
        // Each value has at most 50,000 bytes, because a string has at most 65,535.
        int value = Math.Min(bytes, 50_000);
        byte[] text = [.. Enumerable.Repeat((byte)0x78, value)];
        byte[] one = [0x26, 0, 1, 0x6B, (byte)(value >> 8), (byte)value, .. text];
        return bytes > value ? [.. one, .. one] : one;
    }
}
