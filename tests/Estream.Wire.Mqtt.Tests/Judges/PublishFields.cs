using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>The fields of a generated PUBLISH, in the notation of both sides.</summary>
internal sealed record PublishFields(
    string Topic,
    int Qos,
    bool IsDuplicate,
    bool IsRetained,
    int PacketId,
    int TopicAlias,
    uint? Expiry,
    uint[] SubscriptionIds,
    string[] UserProperties,
    string Payload)
{
    private const int UserPropertyId = 0x26;
    private const uint LargestVarInt = 268_435_455;

    /// <summary>Returns the generated packet of a number.</summary>
    public static PublishFields Of(int number)
    {
        Random random = new(number);
        int qos = number % 3;
        byte[] payload = new byte[random.Next(0, number % 7 == 0 ? 20_000 : 200)];
        random.NextBytes(payload);
        return new PublishFields(
            new string('t', random.Next(1, 200)) + "/ü/" + number,
            qos,
            qos > 0 && random.Next(2) == 1,
            random.Next(2) == 1,
            qos == 0 ? 0 : random.Next(1, 65_536),
            random.Next(3) == 0 ? random.Next(1, 65_536) : 0,
            random.Next(2) == 0 ? null : (uint)random.NextInt64(uint.MaxValue),
            [.. Enumerable.Range(0, random.Next(4)).Select(_ => (uint)random.NextInt64(1, LargestVarInt + 1))],
            [.. Enumerable.Range(0, random.Next(4)).Select(index => $"k{index}=värde {random.Next()}")],
            Convert.ToHexStringLower(payload));
    }

    /// <summary>Writes the packet with the product's codec.</summary>
    public byte[] Write()
    {
        ServerPublish packet = new()
        {
            Topic = Encoding.UTF8.GetBytes(Topic),
            Qos = (MqttQos)Qos,
            IsDuplicate = IsDuplicate,
            IsRetained = IsRetained,
            PacketId = (ushort)PacketId,
            TopicAlias = (ushort)TopicAlias,
            ExpirySeconds = Expiry,
            SubscriptionIds = SubscriptionIds,
            Properties = UserProperties.SelectMany(pair => Encoded(pair)).ToArray(),
            Payload = Convert.FromHexString(Payload),
        };
        byte[] bytes = new byte[packet.Length];
        Assert.Equal(bytes.Length, packet.Write(bytes));
        return bytes;
    }

    /// <summary>Compares the fields that the product reads from a packet with these fields.</summary>
    public void CheckRead(byte[] bytes)
    {
        Assert.Equal(HeaderStatus.Complete, FixedHeader.TryRead(bytes, out FixedHeader header, out _));
        Assert.Equal(bytes.Length, header.PacketLength);
        Fault fault =
            PublishPacket.Decode(bytes[0], bytes.AsSpan(header.HeaderLength), default, isFromServer: true, out PublishPacket read);
        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(
            (Topic, Qos, IsDuplicate, IsRetained, PacketId, TopicAlias, Expiry, Payload),
            (Encoding.UTF8.GetString(read.Topic), (int)read.Qos, read.IsDuplicate, read.IsRetained, (int)read.PacketId,
                (int)(read.TopicAlias ?? 0), read.ExpirySeconds,
                Convert.ToHexStringLower(read.Payload)));
    }

    /// <summary>Compares the fields that the other side has read with these fields.</summary>
    public void CheckEqual(PublishFields? other)
    {
        Assert.NotNull(other);
        Assert.Equal(SubscriptionIds, other.SubscriptionIds);
        Assert.Equal(UserProperties, other.UserProperties);
        Assert.Equal(this, other with { SubscriptionIds = SubscriptionIds, UserProperties = UserProperties });
    }

    private static byte[] Encoded(string pair)
    {
        string[] parts = pair.Split('=');
        return [UserPropertyId, .. Text(parts[0]), .. Text(parts[1])];
    }

    private static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }
}
