using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// The delivery state of one session: its subscriptions, its position in the relay, and its in-flight messages. It holds no copy of a
/// message, regardless of how many are pending. Thread-safe.
/// </summary>
internal sealed partial class Subscriber(
    SubscriptionIndex index, SharedSubscriptions groups, RelayQueue relay, int maxInflight, string? user)
    : IRelayListener
{
    /// <summary>The maximum total length of a session's filters in bytes. They are stored in one record.</summary>
    private const long MaxFilterBytes = 16 << 20;

    private readonly Lock _lock = new();
    private volatile Subscription[] _subscriptions = [];
    private volatile SharedSubscription[] _shared = [];
    private volatile bool _usesGroups;
    private volatile bool _isChanged = true;
    private volatile bool _isWriting;
    private volatile bool _isKept;
    private volatile Doorbell? _doorbell;
    private volatile bool _isOver;
    private volatile List<RetainedRun> _runs = [];
    private volatile List<RetainedRun> _prepared = [];

    /// <summary>The position in the relay from which the session continues.</summary>
    public RelayPlace Place { get; } = new();

    /// <summary>The in-flight messages of QoS 1 and 2.</summary>
    public OutWindow Window { get; } = new(maxInflight);

    /// <summary>The current subscriptions. The array is replaced on a change and never modified, so callers can keep it.</summary>
    public Subscription[] Subscriptions => _subscriptions;

    /// <summary>The current memberships in shared subscriptions. The array is replaced on a change and never modified.</summary>
    public SharedSubscription[] Shared => _shared;

    /// <summary>Whether the subscriptions have changed since they were saved.</summary>
    public bool IsChanged
    {
        get => _isChanged;
        set => _isChanged = value;
    }

    /// <summary>Whether the session survives a restart.</summary>
    public bool IsKept
    {
        get => _isKept;
        set => _isKept = value;
    }

    /// <summary>Whether the session is or was a member of a group.</summary>
    public bool UsesGroups => _usesGroups;

    /// <summary>Whether the client is connected.</summary>
    public bool IsPresent => _doorbell is not null;

    /// <summary>Whether the client has not yet received the last write. Meanwhile its groups give messages to other members.</summary>
    public bool IsWriting => _isWriting;

    /// <summary>The oldest position of the relay that the session needs.</summary>
    public long OldestNeeded => Math.Min(Place.Waiting, Window.OldestPosition);

    /// <summary>Whether all subscriptions have QoS 0, so that pending messages may be skipped if they become too many.</summary>
    public bool IsBestEffort => Array.TrueForAll(_subscriptions, subscription => subscription.Options.Qos == MqttQos.AtMostOnce);

    /// <summary>Adds a subscription, or replaces the one with the same filter without losing a message [MQTT-3.8.4-3]
    /// [MQTT-3.8.4-4].</summary>
    /// <param name="filter">The topic filter.</param>
    /// <param name="options">The subscription options.</param>
    /// <param name="identifier">The Subscription Identifier; 0 for none.</param>
    /// <param name="isNew">Whether no subscription with this filter existed.</param>
    /// <returns>False if a limit of this session, its user or the endpoint is reached.</returns>
    public bool TrySubscribe(ReadOnlySpan<byte> filter, SubscriptionOptions options, uint identifier, out bool isNew)
    {
        lock (_lock)
        {
            int known = Find(filter);
            isNew = known < 0;
            if (!isNew)
            {
                Subscription[] replaced = [.. _subscriptions];
                replaced[known] = replaced[known] with { Options = options, Identifier = identifier };
                _subscriptions = replaced;
                Change();
                return true;
            }

            if (_isOver || !TryTakeRoom(filter))
            {
                return false;
            }

            // Set the list before adding to the index, so that every message offered from then on finds the subscription.
            Subscription added = new(filter.ToArray(), options, identifier, relay.Next());
            Subscription[] before = _subscriptions;
            _subscriptions = [.. before, added];
            if (index.TryAdd(filter, this))
            {
                Change();
                return true;
            }

            _subscriptions = before;
            index.Users.Remove(user);
            return false;
        }
    }

    /// <summary>Ends a subscription. In-flight messages are completed [MQTT-3.10.4-3]; no new messages are sent for the subscription
    /// [MQTT-3.10.4-2].</summary>
    /// <returns>True if a subscription with exactly this filter existed [MQTT-3.10.4-1].</returns>
    public bool Unsubscribe(ReadOnlySpan<byte> filter)
    {
        lock (_lock)
        {
            int known = Find(filter);
            if (known < 0)
            {
                return TryLeave(filter);
            }

            Subscription[] before = _subscriptions;
            _subscriptions = [.. before[..known], .. before[(known + 1)..]];
            _runs = Without(_runs, before[known]);
            _prepared = Without(_prepared, before[known]);
            index.Remove(filter, this);
            index.Users.Remove(user);
            Change();
            return true;
        }
    }

    /// <summary>Schedules retained messages for the subscription with this filter. They are sent after <see cref="BeginRetained"/>, so that
    /// the SUBACK comes first.</summary>
    /// <param name="filter">The topic filter.</param>
    /// <param name="puts">The number of puts so far.</param>
    public void PrepareRetained(ReadOnlySpan<byte> filter, long puts)
    {
        lock (_lock)
        {
            Subscription subscription = _subscriptions[Find(filter)];
            _runs = Without(_runs, subscription);
            _prepared = [.. Without(_prepared, subscription), new RetainedRun(subscription, puts)];
            _isChanged = true;
        }
    }

    /// <summary>Starts to send the scheduled retained messages.</summary>
    public void BeginRetained()
    {
        if (_prepared.Count > 0)
        {
            lock (_lock)
            {
                _runs = [.. _runs, .. _prepared];
                _prepared = [];
            }

            Ring();
        }
    }

    /// <summary>Returns the first run of retained messages still to be sent; null if there is none.</summary>
    public RetainedRun? PeekRetained()
    {
        List<RetainedRun> runs = _runs;
        return runs.Count == 0 ? null : runs[0];
    }

    /// <summary>Removes a run whose messages were all sent.</summary>
    public void EndRetained(RetainedRun run)
    {
        lock (_lock)
        {
            _runs = [.. _runs.Where(other => other != run)];
            _isChanged = true;
        }
    }

    /// <inheritdoc/>
    public void Offer(long position, MqttQos qos)
    {
        // A disconnected client gets no QoS 0 messages.
        if (_doorbell is not null || (qos != MqttQos.AtMostOnce && !IsBestEffort))
        {
            Place.Offer(position);
        }
    }

    /// <inheritdoc/>
    public void OfferAgain(long position, PublishedRecord.View record)
    {
        if (position <= Place.LastRead || record.Qos == 0)
        {
            return;
        }

        foreach (Subscription subscription in _subscriptions)
        {
            if (position >= subscription.From && subscription.Options.Qos != MqttQos.AtMostOnce
                && TopicFilter.Matches(subscription.Filter, record.Topic))
            {
                Place.Offer(position);
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Ring()
    {
        _doorbell?.Ring();
    }

    /// <summary>Marks the client as connected. Its connection sends the pending messages and is woken for new messages.</summary>
    public void Attach(Doorbell doorbell, RetainedStore? retained)
    {
        Window.BeginConnection();
        if (retained is null)
        {
            _doorbell = doorbell;
        }
        else
        {
            lock (retained.Turn)
            {
                _doorbell = doorbell;
                BringPuts(retained.Puts);
            }
        }

        CountPresent();
    }

    /// <summary>Marks the client as disconnected.</summary>
    public void Detach()
    {
        _doorbell = null;
        _isWriting = false;
        GiveUpUnpromised();
        CountPresent();
    }

    /// <summary>Drops the pending messages of a disconnected client if all its subscriptions have QoS 0. The next connection does not get
    /// them, and the relay need not keep them.</summary>
    public void GiveUpUnpromised()
    {
        if (IsBestEffort)
        {
            Place.Jump();
        }
    }

    /// <summary>Called before the collected packets are written, which takes as long as the client needs to receive them.</summary>
    public void BeginWrite()
    {
        _isWriting = true;
        foreach (SharedSubscription shared in _shared)
        {
            shared.Group.PassOver();
        }
    }

    /// <summary>Called after the client has received the packets.</summary>
    public void EndWrite()
    {
        _isWriting = false;
    }

    /// <summary>Saves the groups of the endpoint if the session uses a group. Called before any packet is sent.</summary>
    /// <returns>False if the store cannot be written now.</returns>
    public bool TrySaveGroups()
    {
        return !_usesGroups || groups.TrySave();
    }

    /// <summary>Marks the position in the relay as changed after packets were sent.</summary>
    public void Move()
    {
        if (!IsBestEffort)
        {
            Window.IsChanged = true;
        }
    }

    /// <summary>Ends the session: removes its subscriptions and in-flight messages.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isOver = true;
            foreach (Subscription subscription in _subscriptions)
            {
                index.Remove(subscription.Filter, this);
                index.Users.Remove(user);
            }

            foreach (SharedSubscription shared in _shared)
            {
                groups.Leave(shared.Group, this);
                index.Users.Remove(user);
            }

            _subscriptions = [];
            _shared = [];
            _runs = [];
            _prepared = [];
        }

        GiveBack();
    }

    /// <summary>Counts a further subscription of the user, if the limits allow it.</summary>
    private bool TryTakeRoom(ReadOnlySpan<byte> filter)
    {
        long bytes = filter.Length + _subscriptions.Sum(subscription => (long)subscription.Filter.Length)
            + _shared.Sum(shared => (long)shared.Group.Name.Length);
        return _subscriptions.Length + _shared.Length < index.MaxPerSession && bytes <= MaxFilterBytes && index.Users.TryAdd(user);
    }

    /// <summary>Completes the in-flight messages in their groups. An unacknowledged message of QoS 1 goes to another member of its
    /// group.</summary>
    private void GiveBack()
    {
        foreach (OutEntry entry in Window.Clear())
        {
            if (entry is { Qos: MqttQos.AtLeastOnce, State: OutState.Sent })
            {
                entry.Group?.Return(entry.Position);
            }
            else
            {
                entry.Group?.Finish(entry.Position);
            }
        }

        // Save the groups before the session is removed. Otherwise its QoS 2 messages would go to another member after a crash.
        _ = TrySaveGroups();
    }

    private void Change()
    {
        _isChanged = true;

        // The position at which the subscriptions changed must be saved with the subscriptions.
        Window.IsChanged = true;
    }

    /// <summary>Extends the runs to messages that were put while the client was disconnected, because the relay may not have delivered
    /// these messages.</summary>
    private void BringPuts(long puts)
    {
        lock (_lock)
        {
            _runs.ForEach(run => run.Puts = puts);
            _prepared.ForEach(run => run.Puts = puts);
        }
    }

    private void CountPresent()
    {
        foreach (SharedSubscription shared in _shared)
        {
            shared.Group.CountPresent();
        }
    }

    private static List<RetainedRun> Without(List<RetainedRun> runs, Subscription subscription)
    {
        return [.. runs.Where(run => !run.Subscription.Filter.AsSpan().SequenceEqual(subscription.Filter))];
    }

    private int Find(ReadOnlySpan<byte> filter)
    {
        Subscription[] subscriptions = _subscriptions;
        for (int at = 0; at < subscriptions.Length; at++)
        {
            if (filter.SequenceEqual(subscriptions[at].Filter))
            {
                return at;
            }
        }

        return -1;
    }
}
