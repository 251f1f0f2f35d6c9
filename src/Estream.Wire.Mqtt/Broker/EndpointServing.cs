using Estream.Core;
using Estream.Crypto;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>The parts of an endpoint that serve subscribers: relay, subscriptions and retained messages.</summary>
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

    /// <summary>The clock for the expiry of messages.</summary>
    public ExpiryClock Expiry { get; }

    public RelayQueue Relay { get; }

    public SubscriptionIndex Index { get; }

    /// <summary>The shared subscriptions.</summary>
    public SharedSubscriptions Groups { get; }

    /// <summary>Whether the relay is encrypted. Then its messages must not be stored elsewhere in plaintext.</summary>
    public bool IsEncrypted => _keys is not null;

    /// <summary>The retained messages; null if the relay is encrypted, because they would be stored in plaintext.</summary>
    public RetainedStore? Retained { get; private init; }

    /// <summary>The last failure to write the relay or retained messages; null if the last write succeeded.</summary>
    public EstreamStorageException? Failure => Relay.Failure ?? Retained?.Failure;

    /// <summary>Opens the relay. Returns null if the options name no access file, because no client may subscribe then.</summary>
    /// <exception cref="WireConfigurationException">A file is not valid, or the relay is too small for the allowed packets.</exception>
    /// <exception cref="EstreamException">The relay cannot be opened.</exception>
    public static EndpointServing? Open(MqttEndpointOptions options, AdapterContext context, IngressRoutes routes)
    {
        if (options.AclFile is null)
        {
            return null;
        }

        AdapterPlace place = context.Place
            ?? throw new WireConfigurationException("AclFile",
                "lets devices subscribe, but this host gives adapters no directory for their messages (AdapterContext.Place).");
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

    /// <summary>Reads the files that the options name, as <see cref="Open"/> does.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or not valid.</exception>
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
        if (options is { RelayKeyFile: null, RelayPrivateKeyFile: not null })
        {
            throw new WireConfigurationException("RelayPrivateKeyFile", "is set without RelayKeyFile. Set both, or remove it.");
        }

        try
        {
            return options.RelayKeyFile is null ? null : MasterKeyFile.Read(options.RelayKeyFile, options.RelayPrivateKeyFile);
        }
        catch (EstreamException failure)
        {
            throw new WireConfigurationException("RelayKeyFile", failure.Message, failure);
        }
    }

    /// <summary>Requires relay keys if a mapped queue is encrypted, so that its messages are not stored elsewhere in plaintext.</summary>
    private static void RequireKeys(MqttEndpointOptions options, AdapterContext context, IngressRoutes routes)
    {
        foreach (TopicMapping mapping in routes.Mappings)
        {
            if (options.RelayKeyFile is null && context.Ingress.TryGet(mapping.Queue, out IngressSink? sink) && sink.IsEncrypted)
            {
                throw new WireConfigurationException(
                    "RelayKeyFile",
                    $"is required: the queue '{mapping.Queue}' is encrypted, and the relay would store its messages in "
                    + "plaintext.");
            }
        }
    }

    /// <summary>Checks that the largest packet fits into the relay, which keeps the segment size with which it was created.</summary>
    private static void RequireRoom(MqttEndpointOptions options, RelayQueue relay, AdapterPlace place)
    {
        if (relay.MaxMessageBytes < RelaySize.LargestMessage(options))
        {
            throw new WireConfigurationException(
                "MaxPacketBytes",
                $"exceeds the relay in {place.Directory}, which was created for {relay.MaxMessageBytes} bytes. Delete that "
                + "directory while the host is stopped. That loses pending messages and retained messages, and ends the "
                + "sessions.");
        }
    }
}

/// <summary>
/// The clock for the expiry of messages: the system time when the endpoint was opened, plus the monotonic time since then. Setting the
/// system clock does not affect it, and its values can be stored for the next process. Thread-safe.
/// </summary>
internal sealed class ExpiryClock(IClock clock)
{
    private readonly long _start = clock.UtcNanos - clock.MonotonicNanos;

    /// <summary>The current time in nanoseconds since 1970-01-01 UTC.</summary>
    public long Now => _start + clock.MonotonicNanos;
}
