using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Codec;

/// <summary>Table 2-4 of the specification, repeated independently: which property is allowed in which packet.</summary>
public class PropertyTests
{
    private static readonly Dictionary<byte, (byte[] Value, PacketType[] Packets)> s_table = new()
    {
        [0x01] = ([1], [PacketType.Publish, PacketType.Will]),
        [0x02] = ([0, 0, 0, 1], [PacketType.Publish, PacketType.Will]),
        [0x03] = ([0, 1, 97], [PacketType.Publish, PacketType.Will]),
        [0x08] = ([0, 1, 97], [PacketType.Publish, PacketType.Will]),
        [0x09] = ([0, 1, 255], [PacketType.Publish, PacketType.Will]),
        [0x0B] = ([1], [PacketType.Publish, PacketType.Subscribe]),
        [0x11] = ([0, 0, 0, 1], [PacketType.Connect, PacketType.ConnAck, PacketType.Disconnect]),
        [0x12] = ([0, 1, 97], [PacketType.ConnAck]),
        [0x13] = ([0, 1], [PacketType.ConnAck]),
        [0x15] = ([0, 1, 97], [PacketType.Connect, PacketType.ConnAck, PacketType.Auth]),
        [0x16] = ([0, 1, 255], [PacketType.Connect, PacketType.ConnAck, PacketType.Auth]),
        [0x17] = ([1], [PacketType.Connect]),
        [0x18] = ([0, 0, 0, 1], [PacketType.Will]),
        [0x19] = ([1], [PacketType.Connect]),
        [0x1A] = ([0, 1, 97], [PacketType.ConnAck]),
        [0x1C] = ([0, 1, 97], [PacketType.ConnAck, PacketType.Disconnect]),
        [0x1F] = ([0, 1, 97],
        [
            PacketType.ConnAck, PacketType.PubAck, PacketType.PubRec, PacketType.PubRel, PacketType.PubComp, PacketType.SubAck,
            PacketType.UnsubAck, PacketType.Disconnect, PacketType.Auth,
        ]),
        [0x21] = ([0, 1], [PacketType.Connect, PacketType.ConnAck]),
        [0x22] = ([0, 1], [PacketType.Connect, PacketType.ConnAck]),
        [0x23] = ([0, 1], [PacketType.Publish]),
        [0x24] = ([1], [PacketType.ConnAck]),
        [0x25] = ([1], [PacketType.ConnAck]),
        [0x26] = ([0, 1, 97, 0, 1, 98],
        [
            PacketType.Connect, PacketType.ConnAck, PacketType.Publish, PacketType.Will, PacketType.PubAck, PacketType.PubRec,
            PacketType.PubRel, PacketType.PubComp, PacketType.Subscribe, PacketType.SubAck, PacketType.Unsubscribe, PacketType.UnsubAck,
            PacketType.Disconnect, PacketType.Auth,
        ]),
        [0x27] = ([0, 0, 0, 1], [PacketType.Connect, PacketType.ConnAck]),
        [0x28] = ([1], [PacketType.ConnAck]),
        [0x29] = ([1], [PacketType.ConnAck]),
        [0x2A] = ([1], [PacketType.ConnAck]),
    };

    [Fact]
    public void Property_is_accepted_only_in_packets_that_table_2_4_allows()
    {
        for (int id = 0; id < 128; id++)
        {
            foreach (PacketType packet in Enum.GetValues<PacketType>())
            {
                bool isKnown = s_table.TryGetValue((byte)id, out (byte[] Value, PacketType[] Packets) row);
                bool isAllowed = isKnown && row.Packets.Contains(packet);

                Fault fault = Read([(byte)id, .. isKnown ? row.Value : [0, 0, 0, 0]], packet);

                Assert.True(isAllowed == !fault.IsFault, $"0x{id:X2} in {packet}: {fault}");
                Assert.True(isAllowed || fault.Code == MqttReasonCode.MalformedPacket, $"0x{id:X2} in {packet}: {fault}");
            }
        }
    }

    [Fact]
    public void Repeated_property_is_refused_except_the_two_repeatable_ones()
    {
        foreach ((byte id, (byte[] value, PacketType[] packets)) in s_table)
        {
            foreach (PacketType packet in packets)
            {
                byte[] one = [id, .. value];
                bool isRepeatable = id == 0x26 || (id == 0x0B && packet == PacketType.Publish);

                Fault fault = Read([.. one, .. one], packet);

                Assert.True(isRepeatable == !fault.IsFault, $"0x{id:X2} twice in {packet}: {fault}");
                Assert.True(isRepeatable || fault.Code == MqttReasonCode.ProtocolError, $"0x{id:X2} twice in {packet}: {fault}");
            }
        }
    }

    [Fact]
    public void Truncated_property_is_refused()
    {
        foreach ((byte id, (byte[] value, PacketType[] packets)) in s_table)
        {
            for (int length = 0; length < value.Length; length++)
            {
                Fault fault = Read([id, .. value[..length]], packets[0]);

                Assert.True(fault.Code == MqttReasonCode.MalformedPacket, $"0x{id:X2} cut to {length}: {fault}");
            }
        }
    }

    private static Fault Read(byte[] block, PacketType packet)
    {
        WireReader reader = new([(byte)block.Length, .. block]);
        return PropertyReader.Skip(ref reader, packet);
    }
}
