using System.Text;

namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>Reads and writes a will in the format of the session store.</summary>
internal static class WillRecord
{
    public static void Write(RecordWriter writer, WillMessage will)
    {
        writer.WriteBytes(will.Topic);
        writer.WriteBytes(will.Payload);
        writer.WriteUInt32(will.DelaySeconds);
        writer.WriteBytes(Encoding.UTF8.GetBytes(will.ClientId));
        writer.WriteByte((byte)will.Qos);
        writer.WriteFlag(will.IsRetained);
        writer.WriteFlag(will.ExpirySeconds is not null);
        writer.WriteUInt32(will.ExpirySeconds ?? 0);
        writer.WriteBytes(will.Properties);
    }

    public static WillMessage Read(scoped ref RecordReader reader)
    {
        byte[] topic = reader.ReadBytes();
        byte[] payload = reader.ReadBytes();
        uint delay = reader.ReadUInt32();
        string clientId = Encoding.UTF8.GetString(reader.ReadBytes());
        MqttQos qos = (MqttQos)reader.ReadByte();
        bool isRetained = reader.ReadFlag();
        bool hasExpiry = reader.ReadFlag();
        uint expiry = reader.ReadUInt32();
        return new WillMessage(topic, payload, delay)
        {
            ClientId = clientId,
            Qos = qos,
            IsRetained = isRetained,
            ExpirySeconds = hasExpiry ? expiry : null,
            Properties = reader.ReadBytes(),
        };
    }
}
