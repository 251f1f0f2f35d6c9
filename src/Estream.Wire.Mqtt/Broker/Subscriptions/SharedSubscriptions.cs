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

    /// <summary>The persistent store; null if shared subscriptions do not survive a restart.</summary>
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

    /// <summary>The oldest position of the relay that the groups need.</summary>
    public long OldestNeeded => Snapshot().Select(group => group.OldestNeeded).Append(RelayPlace.Nothing).Min();

    /// <summary>Returns the topic filter after the share name.</summary>
    public static ReadOnlySpan<byte> FilterOf(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = name[s_prefix.Length..];
        return rest[(rest.IndexOf((byte)'/') + 1)..];
    }

    /// <summary>Makes a session a member of a group, or changes the options of its membership.</summary>
    /// <returns>The membership; null if a limit is reached.</returns>
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

    /// <summary>Removes a member. The group ends with its last member.</summary>
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

    /// <summary>Returns the group with this whole filter; null if there is none.</summary>
    public SharedSubscriptionGroup? Find(byte[] name)
    {
        lock (_lock)
        {
            return _groups.GetValueOrDefault(name);
        }
    }

    /// <summary>Creates a group without members.</summary>
    public SharedSubscriptionGroup Make(byte[] name, long from)
    {
        return new SharedSubscriptionGroup(name, FilterOf(name).ToArray(), from, _changed);
    }

    /// <summary>Restores a group of an earlier process. Its members are restored later.</summary>
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

    /// <summary>Ends the restored groups that have no members.</summary>
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

    /// <summary>Saves the groups that have changed. A message given to a member is saved here before it is saved in the session.</summary>
    /// <returns>False if the store cannot be written now.</returns>
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
                // Remove the mark before reading the group, so that a concurrent change is saved the next time.
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

    /// <summary>Drops pending messages before a position, because the relay no longer keeps them.</summary>
    /// <param name="limit">The position.</param>
    /// <param name="given">The number of groups that have lost messages.</param>
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

/// <summary>The membership of one session in a shared subscription.</summary>
internal sealed class SharedSubscription(SharedSubscriptionGroup group, Subscription subscription)
{
    public SharedSubscriptionGroup Group => group;

    /// <summary>The topic filter after the share name, with the options of this member.</summary>
    public Subscription Subscription => subscription;

    /// <summary>An array that contains only <see cref="Subscription"/>, for matching.</summary>
    public Subscription[] Alone { get; } = [subscription];
}
