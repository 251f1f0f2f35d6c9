using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// What an endpoint owes a session: its subscriptions, its place in the relay, and what it was sent and is not done with. It costs no
/// copy of any message, however many wait. Thread-safe.
/// </summary>
internal sealed partial class Subscriber(
    SubscriptionIndex index, SharedSubscriptions groups, RelayQueue relay, int maxInflight, string? user)
    : IRelayListener
{
    /// <summary>The filters of a session are one record where they are kept.</summary>
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

    /// <summary>Where the session goes on in the relay.</summary>
    public RelayPlace Place { get; } = new();

    /// <summary>What is under way at QoS 1 and 2.</summary>
    public OutWindow Window { get; } = new(maxInflight);

    /// <summary>The subscriptions as they are now: replaced as a whole, so that who has them keeps them.</summary>
    public Subscription[] Subscriptions => _subscriptions;

    /// <summary>Its parts in shared subscriptions as they are now: replaced as a whole.</summary>
    public SharedSubscription[] Shared => _shared;

    /// <summary>Whether its subscriptions are others than those that were saved.</summary>
    public bool IsChanged
    {
        get => _isChanged;
        set => _isChanged = value;
    }

    /// <summary>Whether the session outlives the process.</summary>
    public bool IsKept
    {
        get => _isKept;
        set => _isKept = value;
    }

    /// <summary>Whether it is or was a member of a group.</summary>
    public bool UsesGroups => _usesGroups;

    /// <summary>Whether its client is there.</summary>
    public bool IsPresent => _doorbell is not null;

    /// <summary>Whether its client has still to take what it was sent: messages that others can have are not for it meanwhile.</summary>
    public bool IsWriting => _isWriting;

    /// <summary>From where on the relay has to be kept for the session.</summary>
    public long OldestNeeded => Math.Min(Place.Waiting, Window.OldestPosition);

    /// <summary>Whether nothing was promised: what waits may be given up when it becomes too much.</summary>
    public bool IsBestEffort => Array.TrueForAll(_subscriptions, subscription => subscription.Options.Qos == MqttQos.AtMostOnce);

    /// <summary>Adds a subscription, or replaces the one with the same filter, which then loses no message [MQTT-3.8.4-3]
    /// [MQTT-3.8.4-4].</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="options">What is asked of it.</param>
    /// <param name="identifier">Its identifier; 0 for none.</param>
    /// <param name="isNew">Whether there was none with this filter.</param>
    /// <returns>False when there are as many as there may be, in this session or in all.</returns>
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

            // Known here before it is found there: what is offered from then on is for it.
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

    /// <summary>Ends a subscription. What is under way is finished [MQTT-3.10.4-3], nothing new is sent for it [MQTT-3.10.4-2].</summary>
    /// <returns>Whether there was one with this filter, byte for byte [MQTT-3.10.4-1].</returns>
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

    /// <summary>The subscription with this filter is to bring what is retained; not before <see cref="BeginRetained"/>, so that its answer
    /// comes first.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="puts">How many messages have been put.</param>
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

    /// <summary>What is prepared may be sent now.</summary>
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

    /// <summary>Retained messages that have still to be sent; null where there are none.</summary>
    public RetainedRun? PeekRetained()
    {
        List<RetainedRun> runs = _runs;
        return runs.Count == 0 ? null : runs[0];
    }

    /// <summary>All of them are sent.</summary>
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
        // Who is away gets nothing that is sent once and never again.
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

    /// <summary>The client is there: its connection sends what waits, and is woken for more.</summary>
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

    /// <summary>The client is away.</summary>
    public void Detach()
    {
        _doorbell = null;
        _isWriting = false;
        GiveUpUnpromised();
        CountPresent();
    }

    /// <summary>Gives up what waits for a client that is away, where nothing was promised: it is not for the next connection, and the relay
    /// need not keep it.</summary>
    public void GiveUpUnpromised()
    {
        if (IsBestEffort)
        {
            Place.Jump();
        }
    }

    /// <summary>What was collected is about to be written, which takes as long as the client takes.</summary>
    public void BeginWrite()
    {
        _isWriting = true;
        foreach (SharedSubscription shared in _shared)
        {
            shared.Group.PassOver();
        }
    }

    /// <summary>The client has taken it.</summary>
    public void EndWrite()
    {
        _isWriting = false;
    }

    /// <summary>Saves the groups it is a member of; before anything is sent.</summary>
    /// <returns>False when that cannot be written now.</returns>
    public bool TrySaveGroups()
    {
        return !_usesGroups || groups.TrySave();
    }

    /// <summary>Something was sent that is not under way: where the session goes on is another place.</summary>
    public void Move()
    {
        if (!IsBestEffort)
        {
            Window.IsChanged = true;
        }
    }

    /// <summary>The session has ended: nothing waits for it any more.</summary>
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

    /// <summary>Counts one more subscription of the user, if there may be one.</summary>
    private bool TryTakeRoom(ReadOnlySpan<byte> filter)
    {
        long bytes = filter.Length + _subscriptions.Sum(subscription => (long)subscription.Filter.Length)
            + _shared.Sum(shared => (long)shared.Group.Name.Length);
        return _subscriptions.Length + _shared.Length < index.MaxPerSession && bytes <= MaxFilterBytes && index.Users.TryAdd(user);
    }

    /// <summary>What was begun with a message is finished with it; what has ended with the session at QoS 1 is for another member of its
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

        // Before the session itself is forgotten: what it had at QoS 2 would be given to another one after a kill.
        _ = TrySaveGroups();
    }

    private void Change()
    {
        _isChanged = true;

        // With the subscriptions stands where the session was when they became what they are.
        Window.IsChanged = true;
    }

    /// <summary>What was put while the client was away may have been for nobody: the subscriptions that have still something to bring bring
    /// that too.</summary>
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
