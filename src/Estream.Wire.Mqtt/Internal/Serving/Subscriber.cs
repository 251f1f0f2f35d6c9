using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// What an endpoint owes a session: its subscriptions, its place in the relay, and what it was sent and is not done with. It costs no
/// copy of any message, however many wait. Thread-safe.
/// </summary>
internal sealed class Subscriber(SubscriptionIndex index, RelayQueue relay, int maxInflight)
{
    private readonly Lock _lock = new();
    private volatile Subscription[] _subscriptions = [];
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

    /// <summary>From where on the relay has to be kept for the session.</summary>
    public long OldestNeeded => Math.Min(Place.Waiting, Window.OldestPosition);

    /// <summary>Whether nothing was promised: what waits may be given up when it becomes too much.</summary>
    public bool IsBestEffort => Array.TrueForAll(_subscriptions, subscription => subscription.Options.Qos == MqttQos.AtMostOnce);

    /// <summary>Adds a subscription, or replaces the one with the same filter, which then loses no message [MQTT-3.8.4-3] [MQTT-3.8.4-4].</summary>
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
                return true;
            }

            if (_isOver || _subscriptions.Length >= index.MaxPerSession)
            {
                return false;
            }

            // Known here before it is found there: what is offered from then on is for it.
            Subscription added = new(filter.ToArray(), options, identifier, relay.Next());
            Subscription[] before = _subscriptions;
            _subscriptions = [.. before, added];
            if (index.TryAdd(filter, this))
            {
                return true;
            }

            _subscriptions = before;
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
                return false;
            }

            Subscription[] before = _subscriptions;
            _subscriptions = [.. before[..known], .. before[(known + 1)..]];
            _runs = Without(_runs, before[known]);
            _prepared = Without(_prepared, before[known]);
            index.Remove(filter, this);
            return true;
        }
    }

    /// <summary>The subscription with this filter is to bring what is retained; not before <see cref="BeginRetained"/>, so that its answer comes first.</summary>
    public void PrepareRetained(ReadOnlySpan<byte> filter)
    {
        lock (_lock)
        {
            Subscription subscription = _subscriptions[Find(filter)];
            _runs = Without(_runs, subscription);
            _prepared = [.. Without(_prepared, subscription), new RetainedRun(subscription)];
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
        }
    }

    /// <summary>A message in the relay may be for the session. Called in the order of the relay.</summary>
    /// <param name="position">Where it lies.</param>
    /// <param name="qos">What it was published with.</param>
    public void Offer(long position, MqttQos qos)
    {
        // Who is away gets nothing that is sent once and never again.
        if (_doorbell is not null || (qos != MqttQos.AtMostOnce && !IsBestEffort))
        {
            Place.Offer(position);
        }
    }

    /// <summary>Wakes who sends, if the client is there.</summary>
    public void Ring()
    {
        _doorbell?.Ring();
    }

    /// <summary>The client is there: its connection sends what waits, and is woken for more.</summary>
    public void Attach(Doorbell doorbell)
    {
        Window.BeginConnection();
        _doorbell = doorbell;
    }

    /// <summary>The client is away.</summary>
    public void Detach()
    {
        _doorbell = null;
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
            }

            _subscriptions = [];
            _runs = [];
            _prepared = [];
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
