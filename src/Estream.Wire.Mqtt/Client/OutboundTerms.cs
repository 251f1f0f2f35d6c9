using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The terms of one connection to a broker for published messages. Not thread-safe: only the holder of the write gate uses
/// it.</summary>
internal sealed class OutboundTerms
{
    private const int MaxAliases = 256;

    // The encoded length of the Topic Alias property: identifier and value. An alias saves nothing if the topic is not longer than this
    // length.
    private const int AliasLength = 3;

    private readonly ConnAckPacket _grant;
    private readonly OutTopicAliases _aliases;

    public OutboundTerms(ConnAckPacket grant)
    {
        _grant = grant;
        _aliases = new OutTopicAliases(Math.Min((int)grant.TopicAliasMaximum, MaxAliases));
        Quota = Math.Min((int)grant.ReceiveMaximum, OutboundWindow.Capacity);
    }

    /// <summary>The maximum number of unacknowledged messages of QoS 1 and 2 [MQTT-3.3.4-7].</summary>
    public int Quota { get; }

    /// <summary>Returns why the broker cannot accept a message; null if it can [MQTT-3.2.2-11] [MQTT-3.2.2-14] [MQTT-3.2.2-15].</summary>
    public string? WhyNot(in ServerPublish packet)
    {
        if (packet.Qos > _grant.MaximumQos || !packet.Fits(_grant.MaximumPacketSize))
        {
            return $"does not accept a packet of {packet.Length} bytes at QoS {(int)packet.Qos}";
        }

        return packet.IsRetained && !_grant.RetainAvailable ? "does not support retained messages" : null;
    }

    /// <summary>Writes a message that the broker accepts, with a topic alias if possible [MQTT-3.2.2-17] [MQTT-3.2.2-18].</summary>
    /// <returns>False if the collected packets must be sent first.</returns>
    public bool TryWrite(in ServerPublish packet, OutputBuffer output)
    {
        bool isKnown = _aliases.TryGet(packet.Topic, out ushort known);
        ushort alias = isKnown ? known : packet.Topic.Length > AliasLength ? _aliases.Next : (ushort)0;
        ServerPublish aliased = new()
        {
            Topic = isKnown ? default : packet.Topic,
            Qos = packet.Qos,
            IsDuplicate = packet.IsDuplicate,
            IsRetained = packet.IsRetained,
            PacketId = packet.PacketId,
            TopicAlias = alias,
            Payload = packet.Payload,
        };
        bool isAliased = alias != 0 && aliased.Fits(_grant.MaximumPacketSize);
        int length = (int)(isAliased ? aliased.Length : packet.Length);
        if (!output.TryReserve(length, out Span<byte> room))
        {
            return false;
        }

        output.Advance(isAliased ? aliased.Write(room) : packet.Write(room));
        if (isAliased && !isKnown)
        {
            _aliases.Add(packet.Topic);
        }

        return true;
    }
}
