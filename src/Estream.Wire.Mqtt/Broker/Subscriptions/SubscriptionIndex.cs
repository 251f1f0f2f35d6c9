namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>Which sessions, and shared subscriptions, a message may be for: the topic filters of all of them, with limits. Thread-safe; see
/// <see cref="FilterTrie{T}"/>.</summary>
internal sealed class SubscriptionIndex(
    int maxSubscriptions, int maxPerUser, int maxPerSession, int maxFilterLevels, int maxTopicBytes)
{
    /// <summary>What a filter may have beyond the longest topic: wildcards for levels that are empty there, and the name of a
    /// group.</summary>
    private const int ExtraBytes = 1_024;

    private readonly FilterTrie<IRelayListener> _filters = new();

    /// <summary>How many subscriptions each user has. The sessions count theirs.</summary>
    public Tally<string> Users { get; } = new(maxPerUser);

    /// <summary>How many subscriptions a session may have.</summary>
    public int MaxPerSession => maxPerSession;

    /// <summary>Whether a filter has no more levels than are taken, each of which costs a step for every message, and is no longer than
    /// topics need, for it is kept.</summary>
    public bool IsTaken(ReadOnlySpan<byte> filter)
    {
        return filter.Length <= maxTopicBytes + ExtraBytes && TopicFilter.Levels(filter) <= maxFilterLevels;
    }

    /// <returns>False when there are as many as there may be.</returns>
    public bool TryAdd(ReadOnlySpan<byte> filter, IRelayListener listener)
    {
        return _filters.TryAdd(filter, listener, maxSubscriptions);
    }

    public void Remove(ReadOnlySpan<byte> filter, IRelayListener listener)
    {
        _filters.Remove(filter, listener);
    }

    /// <summary>Adds those a message of this topic may be for to a list, some of them more than once.</summary>
    public void Match(ReadOnlySpan<byte> topic, List<IRelayListener> matches)
    {
        _filters.Match(topic, matches);
    }
}
