using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A PUBLISH that a subscriber received, decoded without the product's parser; its properties as hexadecimal digits.</summary>
internal sealed record Delivered(string Topic, string Payload, MqttQos Qos, ushort PacketId, bool IsDuplicate, bool IsRetained,
    string Properties)
{
    public static Delivered Of(RawPacket packet)
    {
        Assert.Equal(PacketType.Publish, packet.Type);
        int qos = (packet.First >> 1) & 3;
        byte[] body = packet.Body;
        int position = 2 + ((body[0] << 8) | body[1]);
        string topic = Encoding.UTF8.GetString(body, 2, position - 2);
        ushort id = qos == 0 ? (ushort)0 : (ushort)((body[position] << 8) | body[position + 1]);
        position += qos == 0 ? 0 : 2;
        int length = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = body[position++];
            length |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                break;
            }
        }

        string properties = Convert.ToHexString(body, position, length);
        string payload = Encoding.UTF8.GetString(body, position + length, body.Length - position - length);
        return new Delivered(topic, payload, (MqttQos)qos, id, (packet.First & 8) != 0, (packet.First & 1) != 0, properties);
    }
}
