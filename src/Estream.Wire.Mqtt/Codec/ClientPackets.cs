using System.Security.Cryptography;
using System.Text;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>The fields of a CONNECT that a client sends.</summary>
internal sealed record ConnectRequest
{
    public required string ClientId { get; init; }

    public bool CleanStart { get; init; } = true;

    public ushort KeepAliveSeconds { get; init; } = 30;

    public uint SessionExpirySeconds { get; init; }

    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>The Maximum Packet Size in bytes; 0 omits the property.</summary>
    public int MaximumPacketSize { get; init; }

    public ushort TopicAliasMaximum { get; init; }

    public string? UserName { get; init; }

    /// <summary>The password. It is never logged and not part of ToString.</summary>
    public byte[]? Password { get; init; }

    /// <summary>The authentication method; null for none [MQTT-4.12.0-7].</summary>
    public byte[]? AuthenticationMethod { get; init; }

    /// <summary>The first authentication data of the authentication method.</summary>
    public byte[]? AuthenticationData { get; init; }

    /// <summary>The will, which the server publishes if the connection is lost; null for none.</summary>
    public MqttWill? Will { get; init; }

    public override string ToString()
    {
        return $"CONNECT {ClientId}";
    }
}

/// <summary>Writes the packets that only a client sends.</summary>
internal static class ClientPackets
{
    private const byte CleanStartFlag = 0x02;
    private const byte WillFlag = 0x04;
    private const int WillQosShift = 3;
    private const byte WillRetainFlag = 0x20;
    private const byte PasswordFlag = 0x40;
    private const byte UserNameFlag = 0x80;

    public static byte[] Connect(ConnectRequest request)
    {
        int textBytes = Encoding.UTF8.GetMaxByteCount(
            request.ClientId.Length + (request.UserName?.Length ?? 0) + (request.Will?.Topic.Length ?? 0)
                + (request.Will?.Payload.Length ?? 0));
        int authenticationBytes = (request.AuthenticationMethod?.Length ?? 0) + (request.AuthenticationData?.Length ?? 0);
        byte[] buffer = new byte[128 + textBytes + (request.Password?.Length ?? 0) + authenticationBytes];
        PacketWriter writer = new(buffer, PacketType.Connect);
        writer.WriteBinary("MQTT"u8);
        writer.WriteByte(5);
        writer.WriteByte((byte)((request.CleanStart ? CleanStartFlag : 0)
            | FlagsOf(request.Will)
            | (request.UserName is null ? 0 : UserNameFlag)
            | (request.Password is null ? 0 : PasswordFlag)));
        writer.WriteUInt16(request.KeepAliveSeconds);
        WriteProperties(ref writer, request);
        writer.WriteBinary(Encoding.UTF8.GetBytes(request.ClientId));
        if (request.Will is { } will)
        {
            WriteWill(ref writer, will);
        }

        if (request.UserName is not null)
        {
            writer.WriteBinary(Encoding.UTF8.GetBytes(request.UserName));
        }

        if (request.Password is not null)
        {
            writer.WriteBinary(request.Password);
        }

        byte[] packet = buffer[..writer.Finish()];
        CryptographicOperations.ZeroMemory(buffer);
        return packet;
    }

    /// <summary>Writes a SUBSCRIBE for all given subscriptions.</summary>
    public static byte[] Subscribe(ushort packetId, IReadOnlyList<MqttSubscription> subscriptions)
    {
        byte[] buffer = new byte[64 + subscriptions.Sum(subscription => Encoding.UTF8.GetMaxByteCount(subscription.Filter.Length) + 3)];
        PacketWriter writer = new(buffer, PacketType.Subscribe, flags: 2);
        writer.WriteUInt16(packetId);
        writer.EndProperties(writer.BeginProperties());
        foreach (MqttSubscription subscription in subscriptions)
        {
            SubscriptionOptions options = new(
                subscription.Qos, subscription.NoLocal, subscription.RetainAsPublished, (RetainHandling)subscription.RetainHandling);
            writer.WriteBinary(Encoding.UTF8.GetBytes(subscription.Filter));
            writer.WriteByte(options.ToByte());
        }

        return buffer[..writer.Finish()];
    }

    /// <summary>Writes an UNSUBSCRIBE. The server compares filters byte by byte (section 3.10.4).</summary>
    public static byte[] Unsubscribe(ushort packetId, IReadOnlyList<string> filters)
    {
        byte[] buffer = new byte[64 + filters.Sum(filter => Encoding.UTF8.GetMaxByteCount(filter.Length) + 2)];
        PacketWriter writer = new(buffer, PacketType.Unsubscribe, flags: 2);
        writer.WriteUInt16(packetId);
        writer.EndProperties(writer.BeginProperties());
        foreach (string filter in filters)
        {
            writer.WriteBinary(Encoding.UTF8.GetBytes(filter));
        }

        return buffer[..writer.Finish()];
    }

    /// <summary>The length in bytes of a PUBLISH without properties.</summary>
    public static int PublishLength(int topicBytes, MqttQos qos, int payloadBytes)
    {
        int body = PublishBodyLength(topicBytes, qos, payloadBytes);
        return 1 + VarInt.Size(body) + body;
    }

    /// <summary>Writes a PUBLISH without properties from front to back. The payload is copied only once, even if it is large.</summary>
    public static int WritePublish(
        Span<byte> destination,
        ReadOnlySpan<byte> topic,
        MqttQos qos,
        ushort packetId,
        ReadOnlySpan<byte> payload)
    {
        destination[0] = (byte)(((int)PacketType.Publish << 4) | ((int)qos << 1));
        int position = 1 + VarInt.Write(destination[1..], PublishBodyLength(topic.Length, qos, payload.Length));
        destination[position++] = (byte)(topic.Length >> 8);
        destination[position++] = (byte)topic.Length;
        topic.CopyTo(destination[position..]);
        position += topic.Length;
        if (qos != MqttQos.AtMostOnce)
        {
            destination[position++] = (byte)(packetId >> 8);
            destination[position++] = (byte)packetId;
        }

        destination[position++] = 0;
        payload.CopyTo(destination[position..]);
        return position + payload.Length;
    }

    private static int FlagsOf(MqttWill? will)
    {
        return will is null ? 0 : WillFlag | ((int)will.Qos << WillQosShift) | (will.Retain ? WillRetainFlag : 0);
    }

    private static void WriteWill(ref PacketWriter writer, MqttWill will)
    {
        int mark = writer.BeginProperties();
        if (will.DelaySeconds > 0)
        {
            writer.WriteProperty(PropertyId.WillDelayInterval, will.DelaySeconds);
        }

        writer.EndProperties(mark);
        writer.WriteBinary(Encoding.UTF8.GetBytes(will.Topic));
        writer.WriteBinary(Encoding.UTF8.GetBytes(will.Payload));
    }

    private static int PublishBodyLength(int topicBytes, MqttQos qos, int payloadBytes)
    {
        return 2 + topicBytes + (qos == MqttQos.AtMostOnce ? 0 : 2) + 1 + payloadBytes;
    }

    private static void WriteProperties(ref PacketWriter writer, ConnectRequest request)
    {
        int mark = writer.BeginProperties();
        if (request.SessionExpirySeconds > 0)
        {
            writer.WriteProperty(PropertyId.SessionExpiryInterval, request.SessionExpirySeconds);
        }

        if (request.ReceiveMaximum != ushort.MaxValue)
        {
            writer.WriteProperty(PropertyId.ReceiveMaximum, request.ReceiveMaximum);
        }

        if (request.MaximumPacketSize > 0)
        {
            writer.WriteProperty(PropertyId.MaximumPacketSize, (uint)request.MaximumPacketSize);
        }

        if (request.AuthenticationMethod is not null)
        {
            writer.WriteProperty(PropertyId.AuthenticationMethod, request.AuthenticationMethod);
            writer.WriteProperty(PropertyId.AuthenticationData, request.AuthenticationData);
        }

        if (request.TopicAliasMaximum > 0)
        {
            writer.WriteProperty(PropertyId.TopicAliasMaximum, request.TopicAliasMaximum);
        }

        writer.EndProperties(mark);
    }
}
