namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Finds the sessions and shared subscriptions whose topic filters match a message, and limits their number. Thread-safe; see
/// <see cref="FilterTrie{T}"/>.</summary>
internal sealed class SubscriptionIndex(
    int maxSubscriptions, int maxPerUser, int maxPerSession, int maxFilterLevels, int maxTopicBytes)
{
    /// <summary>The number of bytes by which a filter may exceed the longest topic: for wildcards of empty levels, and for the name of
    /// a group.</summary>
    private const int ExtraBytes = 1_024;

    private readonly FilterTrie<IRelayListener> _filters = new();

    /// <summary>The number of subscriptions per user. The sessions update it.</summary>
    public Tally<string> Users { get; } = new(maxPerUser);

    /// <summary>The maximum number of subscriptions per session.</summary>
    public int MaxPerSession => maxPerSession;

    /// <summary>Whether a filter is within the limits of levels and of bytes. Each level costs a step per message, and the bytes are
    /// stored.</summary>
    public bool IsTaken(ReadOnlySpan<byte> filter)
    {
        return filter.Length <= maxTopicBytes + ExtraBytes && TopicFilter.Levels(filter) <= maxFilterLevels;
    }

    /// <returns>False if the limit of subscriptions is reached.</returns>
    public bool TryAdd(ReadOnlySpan<byte> filter, IRelayListener listener)
    {
        return _filters.TryAdd(filter, listener, maxSubscriptions);
    }

    public void Remove(ReadOnlySpan<byte> filter, IRelayListener listener)
    {
        _filters.Remove(filter, listener);
    }

    /// <summary>Adds the listeners of a topic to a list. It may add a listener more than once.</summary>
    public void Match(ReadOnlySpan<byte> topic, List<IRelayListener> matches)
    {
        _filters.Match(topic, matches);
    }
}
