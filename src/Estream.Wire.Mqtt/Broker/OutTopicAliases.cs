namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The topic aliases a subscriber was told on this connection: of its first topics, as many as it takes [MQTT-3.1.2-26]. They end with
/// the connection [MQTT-3.3.2-7]. Not thread-safe.
/// </summary>
internal sealed class OutTopicAliases(int maximum)
{
    private readonly Dictionary<byte[], ushort> _known = new(BytesComparer.Instance);

    /// <summary>The alias a new topic gets; 0 where there is none left [MQTT-3.1.2-27].</summary>
    public ushort Next => _known.Count < maximum ? (ushort)(_known.Count + 1) : (ushort)0;

    /// <summary>Finds the alias of a topic the subscriber knows already.</summary>
    public bool TryGet(ReadOnlySpan<byte> topic, out ushort alias)
    {
        return _known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out alias);
    }

    /// <summary>The subscriber was told the next alias with this topic.</summary>
    public void Add(ReadOnlySpan<byte> topic)
    {
        _known.Add(topic.ToArray(), Next);
    }
}
