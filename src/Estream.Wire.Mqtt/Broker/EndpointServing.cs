using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What an endpoint that serves subscribers has beside one that does not: who may, the relay, and who is subscribed to
/// what.</summary>
internal sealed class EndpointServing : IDisposable
{
    private readonly QueueKeyRing? _keys;

    private EndpointServing(MqttEndpointOptions options, RelayQueue relay, QueueKeyRing? keys, IClock clock)
    {
        Expiry = new ExpiryClock(clock);
        Options = options;
        Relay = relay;
        _keys = keys;
        Index = new SubscriptionIndex(options.MaxSubscriptions,
            MqttEndpointOptions.Share(options.MaxSubscriptionsPerUser, options.MaxSubscriptions),
            options.MaxSubscriptionsPerSession, options.MaxFilterLevels,
            options.MaxTopicBytes);
        Groups = new SharedSubscriptions(Index, relay, options.MaxGroups, options.MaxGroupMembers);
    }

    public MqttEndpointOptions Options { get; }

    /// <summary>The time by which messages expire.</summary>
    public ExpiryClock Expiry { get; }

    public RelayQueue Relay { get; }

    public SubscriptionIndex Index { get; }

    /// <summary>The shared subscriptions.</summary>
    public SharedSubscriptions Groups { get; }

    /// <summary>Whether the relay is encrypted, and nothing of what is in it may stand in clear elsewhere.</summary>
    public bool IsEncrypted => _keys is not null;

    /// <summary>What topics retain; null where nothing is, since it would stand in clear.</summary>
    public RetainedStore? Retained { get; private init; }

    /// <summary>Why what subscribers get could not be written the last time; null when it could.</summary>
    public EstreamStorageException? Failure => Relay.Failure ?? Retained?.Failure;

    /// <summary>Opens the relay; null where the options name no access file, so that nobody is served.</summary>
    /// <exception cref="WireConfigurationException">A file is not what it should be, or the relay cannot take the packets that are
    /// allowed.</exception>
    /// <exception cref="EstreamException">The relay cannot be opened.</exception>
    public static EndpointServing? Open(MqttEndpointOptions options, AdapterContext context, IngressRoutes routes)
    {
        if (options.AclFile is null)
        {
            return null;
        }

        AdapterPlace place = context.Place
            ?? throw new WireConfigurationException("AclFile",
                "lets devices subscribe, and this host gives adapters no place for what they get (AdapterContext.Place).");
        RequireKeys(options, context, routes);
        QueueKeyRing? keys = LoadKeys(options);
        RelayQueue? relay = null;
        try
        {
            relay = RelayQueue.Open(place, RelaySize.SegmentBytes(options), keys, context.Clock);
            RequireRoom(options, relay, place);
            return new EndpointServing(options, relay, keys, context.Clock)
            {
                Retained = keys is null ? RetainedStore.Open(place, options) : null,
            };
        }
        catch
        {
            relay?.Dispose();
            keys?.Dispose();
            throw;
        }
    }

    /// <summary>Reads the files the options name, as opening does.</summary>
    /// <exception cref="WireConfigurationException">One is missing or not what it should be.</exception>
    public static void CheckFiles(MqttEndpointOptions options)
    {
        LoadKeys(options)?.Dispose();
    }

    public Subscriber CreateSubscriber(string? user)
    {
        return new Subscriber(Index, Groups, Relay, Options.MaxInflight, user);
    }

    public void Dispose()
    {
        Relay.Dispose();
        Retained?.Dispose();
        _keys?.Dispose();
    }

    private static QueueKeyRing? LoadKeys(MqttEndpointOptions options)
    {
        try
        {
            return options.RelayKeyFile is null ? null : QueueKeyRing.FromFile(options.RelayKeyFile);
        }
        catch (EstreamException failure)
        {
            throw new WireConfigurationException("RelayKeyFile", failure.Message, failure);
        }
    }

    /// <summary>What a queue never holds in clear does not stand in clear beside it.</summary>
    private static void RequireKeys(MqttEndpointOptions options, AdapterContext context, IngressRoutes routes)
    {
        foreach (TopicMapping mapping in routes.Mappings)
        {
            if (options.RelayKeyFile is null && context.Ingress.TryGet(mapping.Queue, out IngressSink? sink) && sink.IsEncrypted)
            {
                throw new WireConfigurationException(
                    "RelayKeyFile",
                    $"is required: the queue '{mapping.Queue}' is encrypted, and what subscribers get of its messages would stand in "
                    + "clear.");
            }
        }
    }

    /// <summary>A queue keeps the size of the segments it was made with.</summary>
    private static void RequireRoom(MqttEndpointOptions options, RelayQueue relay, AdapterPlace place)
    {
        if (relay.MaxMessageBytes < RelaySize.LargestMessage(options))
        {
            throw new WireConfigurationException(
                "MaxPacketBytes",
                $"is more than the relay in {place.Directory} was made for, which takes {relay.MaxMessageBytes} bytes. Delete that "
                + "directory while the host is stopped: what waits for subscribers is lost then, their sessions end, and nothing is "
                + "retained any more.");
        }
    }
}

/// <summary>
/// The time by which messages expire: that of the machine when the endpoint was opened, and since then what has passed on a clock that
/// nobody sets. As a date it can be kept beside a message for the next process. Thread-safe.
/// </summary>
internal sealed class ExpiryClock(IClock clock)
{
    private readonly long _start = clock.UtcNanos - clock.MonotonicNanos;

    /// <summary>Nanoseconds since 1970-01-01 UTC.</summary>
    public long Now => _start + clock.MonotonicNanos;
}
