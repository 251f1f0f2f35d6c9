using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What one connection to a broker is like for what we publish. Not thread-safe: whoever may write to the connection uses
/// it.</summary>
internal sealed class OutboundTerms
{
    private const int MaxAliases = 256;

    // Identifier and value of the property: a topic that is no longer gains nothing by it.
    private const int AliasLength = 3;

    private readonly ConnAckPacket _grant;
    private readonly OutTopicAliases _aliases;

    public OutboundTerms(ConnAckPacket grant)
    {
        _grant = grant;
        _aliases = new OutTopicAliases(Math.Min((int)grant.TopicAliasMaximum, MaxAliases));
        Quota = Math.Min((int)grant.ReceiveMaximum, OutboundWindow.Capacity);
    }

    /// <summary>How many messages of QoS 1 and 2 may be unanswered [MQTT-3.3.4-7].</summary>
    public int Quota { get; }

    /// <summary>Why the broker does not take a message at all; null where it does [MQTT-3.2.2-11] [MQTT-3.2.2-14]
    /// [MQTT-3.2.2-15].</summary>
    public string? WhyNot(in ServerPublish packet)
    {
        if (packet.Qos > _grant.MaximumQos || !packet.Fits(_grant.MaximumPacketSize))
        {
            return $"takes no packet of {packet.Length} bytes at QoS {(int)packet.Qos}";
        }

        return packet.IsRetained && !_grant.RetainAvailable ? "retains no messages" : null;
    }

    /// <summary>Writes a message the broker takes, its topic by an alias where that is known [MQTT-3.2.2-17] [MQTT-3.2.2-18].</summary>
    /// <returns>False when what is in the buffer has to go first.</returns>
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
