using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The topic aliases the peer has set on this connection (section 3.3.2.3.4); they end with it [MQTT-3.3.2-7].</summary>
internal sealed class TopicAliases(int maximum)
{
    private byte[]?[] _topics = [];

    /// <summary>Stores the alias of a topic, or finds the topic of an alias.</summary>
    /// <param name="alias">The alias of the packet.</param>
    /// <param name="topic">The topic of the packet, empty where the alias stands for it; then set to what it stands for.</param>
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
                ? Fault.Protocol("a PUBLISH names its topic by an alias that was never set (section 3.3.2.3.4)")
                : default;
        }

        if (!topic.SequenceEqual(known))
        {
            _topics[alias] = topic.ToArray();
        }

        return default;
    }
}
