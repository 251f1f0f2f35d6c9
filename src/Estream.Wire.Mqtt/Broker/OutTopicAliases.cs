namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The topic aliases sent on one connection: the first topics get one each, up to the receiver's Topic Alias Maximum [MQTT-3.1.2-26].
/// Aliases are valid for one connection [MQTT-3.3.2-7]. Not thread-safe.
/// </summary>
internal sealed class OutTopicAliases(int maximum)
{
    private readonly Dictionary<byte[], ushort> _known = new(BytesComparer.Instance);

    /// <summary>The alias for the next new topic; 0 if none is left [MQTT-3.1.2-27].</summary>
    public ushort Next => _known.Count < maximum ? (ushort)(_known.Count + 1) : (ushort)0;

    /// <summary>Returns the alias of a topic, if the receiver already has it.</summary>
    public bool TryGet(ReadOnlySpan<byte> topic, out ushort alias)
    {
        return _known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out alias);
    }

    /// <summary>Adds a topic that was sent with the alias <see cref="Next"/>.</summary>
    public void Add(ReadOnlySpan<byte> topic)
    {
        _known.Add(topic.ToArray(), Next);
    }
}
