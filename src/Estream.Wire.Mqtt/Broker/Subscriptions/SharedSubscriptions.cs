using System.Collections.Concurrent;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>All shared subscriptions of an endpoint, by their whole filters. Thread-safe.</summary>
internal sealed class SharedSubscriptions(SubscriptionIndex index, RelayQueue relay, int maxGroups, int maxMembers)
{
    private static readonly byte[] s_prefix = "$share/"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly Lock _saving = new();
    private readonly ConcurrentDictionary<SharedSubscriptionGroup, bool> _changed = new();
    private readonly Dictionary<byte[], SharedSubscriptionGroup> _groups = new(BytesComparer.Instance);

    /// <summary>Where they are kept; null where nothing outlives the process.</summary>
    public SessionStore? Store { get; set; }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _groups.Count;
            }
        }
    }

    /// <summary>From where on the relay has to be kept for them.</summary>
    public long OldestNeeded => Snapshot().Select(group => group.OldestNeeded).Append(RelayPlace.Nothing).Min();

    /// <summary>The filter behind the name of the group.</summary>
    public static ReadOnlySpan<byte> FilterOf(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = name[s_prefix.Length..];
        return rest[(rest.IndexOf((byte)'/') + 1)..];
    }

    /// <summary>Makes a session a member, or gives it what it asks for now.</summary>
    /// <returns>Its part in the group; null when there are as many as there may be.</returns>
    public SharedSubscription? Join(ReadOnlySpan<byte> name, Subscriber subscriber, Func<SharedSubscriptionGroup, SharedSubscription> make)
    {
        lock (_lock)
        {
            byte[] key = name.ToArray();
            bool isNew = !_groups.TryGetValue(key, out SharedSubscriptionGroup? group);
            if (isNew && (_groups.Count >= maxGroups || FilterOf(name).IsEmpty))
            {
                return null;
            }

            group ??= Make(key, relay.Next());
            SharedSubscription shared = make(group);
            if (!group.TryJoin(subscriber, shared, maxMembers))
            {
                return null;
            }

            if (isNew && !index.TryAdd(shared.Subscription.Filter, group))
            {
                group.Leave(subscriber);
                return null;
            }

            _groups[key] = group;
            return shared;
        }
    }

    /// <summary>Lets a member go; with the last one the group ends.</summary>
    public void Leave(SharedSubscriptionGroup group, Subscriber subscriber)
    {
        lock (_lock)
        {
            if (group.Leave(subscriber) && _groups.Remove(group.Name))
            {
                index.Remove(FilterOf(group.Name), group);
                _changed.TryRemove(group, out _);
                Store?.Remove(RecordKind.Group, group.Key);
            }
        }
    }

    /// <summary>The group of this name; null where there is none.</summary>
    public SharedSubscriptionGroup? Find(byte[] name)
    {
        lock (_lock)
        {
            return _groups.GetValueOrDefault(name);
        }
    }

    /// <summary>A group that has no members yet.</summary>
    public SharedSubscriptionGroup Make(byte[] name, long from)
    {
        return new SharedSubscriptionGroup(name, FilterOf(name).ToArray(), from, _changed);
    }

    /// <summary>Takes a group over that an earlier process has left; its members come after it.</summary>
    public void Restore(SharedSubscriptionGroup group)
    {
        lock (_lock)
        {
            if (index.TryAdd(FilterOf(group.Name), group))
            {
                _groups[group.Name] = group;
            }
        }
    }

    /// <summary>Ends the groups of an earlier process that have no members any more.</summary>
    public void EndEmpty()
    {
        lock (_lock)
        {
            foreach (SharedSubscriptionGroup group in Snapshot().Where(group => !group.IsKept))
            {
                _groups.Remove(group.Name);
                index.Remove(FilterOf(group.Name), group);
                _changed.TryRemove(group, out _);
                Store?.Remove(RecordKind.Group, group.Key);
            }
        }
    }

    /// <summary>Saves the groups that have changed. What was given to a member stands there before it stands in its session.</summary>
    /// <returns>False when it cannot be written now.</returns>
    public bool TrySave()
    {
        if (Store is not { } store)
        {
            return true;
        }

        lock (_saving)
        {
            foreach (SharedSubscriptionGroup group in _changed.Keys)
            {
                // Said to be saved before it is looked at: what changes meanwhile is saved the next time.
                _changed.TryRemove(group, out _);
                if (group.IsKept && !store.TryPut(RecordKind.Group, group.Key, group.Write))
                {
                    _changed.TryAdd(group, true);
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Gives up what waits before a position of the relay, since the relay does not keep it any longer.</summary>
    /// <param name="limit">The position.</param>
    /// <param name="given">How many groups have lost something.</param>
    /// <returns>The oldest position the groups need.</returns>
    public long GiveUpBefore(long limit, out int given)
    {
        long oldest = RelayPlace.Nothing;
        given = 0;
        foreach (SharedSubscriptionGroup group in Snapshot())
        {
            given += group.GiveUpBefore(limit, relay.Tailers) ? 1 : 0;
            oldest = Math.Min(oldest, group.OldestNeeded);
        }

        return oldest;
    }

    private SharedSubscriptionGroup[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _groups.Values];
        }
    }
}

/// <summary>What one session has of a shared subscription.</summary>
internal sealed class SharedSubscription(SharedSubscriptionGroup group, Subscription subscription)
{
    public SharedSubscriptionGroup Group => group;

    /// <summary>The filter behind the name of the group, with what this member has asked of it.</summary>
    public Subscription Subscription => subscription;

    /// <summary>The same as what a message is matched with.</summary>
    public Subscription[] Alone { get; } = [subscription];
}
