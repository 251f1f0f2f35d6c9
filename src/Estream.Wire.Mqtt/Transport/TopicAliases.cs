using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The topic aliases that the peer has set (section 3.3.2.3.4). They are valid for one network connection
/// [MQTT-3.3.2-7].</summary>
internal sealed class TopicAliases(int maximum)
{
    private byte[]?[] _topics = [];

    /// <summary>Stores a topic under its alias, or looks up the topic of an alias.</summary>
    /// <param name="alias">The alias of the packet.</param>
    /// <param name="topic">The topic name of the packet. If empty, set to the topic of the alias.</param>
    public Fault Resolve(ushort alias, ref ReadOnlySpan<byte> topic)
    {
        if (alias == 0 || alias > maximum)
        {
            return Fault.Of(
                MqttReasonCode.TopicAliasInvalid, "a Topic Alias is 0 or above Topic Alias Maximum [MQTT-3.3.2-8] [MQTT-3.3.2-9]");
        }

        if (_topics.Length == 0)
        {
            _topics = new byte[maximum + 1][];
        }

        byte[]? known = _topics[alias];
        if (topic.IsEmpty)
        {
            topic = known;
            return known is null
                ? Fault.Protocol("a PUBLISH uses a topic alias that was never set (section 3.3.2.3.4)")
                : default;
        }

        if (!topic.SequenceEqual(known))
        {
            _topics[alias] = topic.ToArray();
        }

        return default;
    }
}
