using Estream.Core;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>The result of relaying a message to subscribers.</summary>
internal enum RelayStatus
{
    /// <summary>No subscription matches the topic.</summary>
    Nobody,

    /// <summary>The message is in the relay and stays there as long as a subscriber needs it.</summary>
    Relayed,

    /// <summary>The relay cannot be written now. Nothing was appended, and the same call can succeed later.</summary>
    Blocked,

    /// <summary>The message exceeds the maximum size of the relay.</summary>
    TooLong,
}

/// <summary>Publishes the messages of one client, or of the host, to the subscribers of the endpoint. Not thread-safe.</summary>
/// <param name="serving">The service for subscribers.</param>
/// <param name="publisher">The client identifier of the publisher; empty for the host.</param>
/// <param name="access">The rights of the publisher; null for the host, which may publish anything.</param>
/// <param name="clock">The clock for the time of receipt.</param>
/// <param name="user">The user to whom retained messages are charged; null for none.</param>
internal sealed class Publishing(
    EndpointServing serving, byte[] publisher, ClientAccess? access, IClock clock, string? user = null) : IDisposable
{
    private readonly List<IRelayListener> _listeners = [];
    private readonly FrameScratch _scratch = new();

    /// <summary>The size of the current buffer in bytes.</summary>
    public int BufferedBytes => _scratch.Capacity;

    /// <summary>Whether the publisher may publish under a topic.</summary>
    public bool MayPublish(ReadOnlySpan<byte> topic)
    {
        return access is null || access.MayWrite(topic);
    }

    /// <summary>Relays a client's message to current subscribers and, if RETAIN is set, stores it for future subscribers.</summary>
    /// <param name="packet">The message.</param>
    /// <param name="topic">The topic; the packet may have an alias instead.</param>
    /// <param name="note">Receives the position before commit; may be null.</param>
    public RelayStatus Relay(in PublishPacket packet, ReadOnlySpan<byte> topic, IAppendNote? note = null)
    {
        try
        {
            return KeepAndPass(packet, topic, note);
        }
        finally
        {
            _scratch.Trim();
        }
    }

    /// <summary>Whether the limits allow a message to be retained. True for a message that need not be retained.</summary>
    public bool MayRetain(in PublishPacket packet, ReadOnlySpan<byte> topic)
    {
        return !packet.IsRetained || packet.Payload.IsEmpty || serving.Retained is not { } store
            || store.HasRoom(topic,
                new RelayMessage { Topic = topic, Payload = packet.Payload, Publisher = publisher, Properties = packet.Properties }.Length,
                user);
    }

    /// <summary>Relays a will. If the will has RETAIN set and the limits allow it, also stores the will as a retained message.</summary>
    public RelayStatus Relay(WillMessage will)
    {
        if (!will.IsRetained || serving.Retained is not { } store)
        {
            return Find(will.Topic) ? Append(Dated(will), note: null) : RelayStatus.Nobody;
        }

        lock (store.Turn)
        {
            RelayMessage message = Dated(will);
            bool isKept = !store.HasRoom(will.Topic, message.Length, user) || store.TryPut(message, user);
            return !isKept ? RelayStatus.Blocked : Find(will.Topic) ? Append(message, note: null) : RelayStatus.Nobody;
        }
    }

    /// <summary>Relays a message of the host.</summary>
    public RelayStatus Relay(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, MqttQos qos)
    {
        return Find(topic) ? Append(Dated(topic, payload, qos, isRetained: false, default, null), note: null) : RelayStatus.Nobody;
    }

    public void Dispose()
    {
        _scratch.Dispose();
    }

    private RelayStatus KeepAndPass(in PublishPacket packet, ReadOnlySpan<byte> topic, IAppendNote? note)
    {
        if (!packet.IsRetained || serving.Retained is not { } store)
        {
            return Find(topic) ? Append(Dated(packet, topic), note) : RelayStatus.Nobody;
        }

        lock (store.Turn)
        {
            RelayMessage message = Dated(packet, topic);
            return !store.TryPut(message, user) ? RelayStatus.Blocked : Find(topic) ? Append(message, note) : RelayStatus.Nobody;
        }
    }

    private bool Find(ReadOnlySpan<byte> topic)
    {
        _listeners.Clear();
        serving.Index.Match(topic, _listeners);
        return _listeners.Count > 0;
    }

    private ReadOnlySpan<byte> Keep(ReadOnlySpan<byte> block, PacketType packet)
    {
        if (block.IsEmpty)
        {
            return default;
        }

        Span<byte> kept = _scratch.Take(block.Length);
        return kept[..KeptProperties.Copy(block, packet, kept)];
    }

    private RelayMessage Dated(in PublishPacket packet, ReadOnlySpan<byte> topic)
    {
        return Dated(topic, packet.Payload, packet.Qos, packet.IsRetained, Keep(packet.Properties, PacketType.Publish),
            packet.ExpirySeconds);
    }

    private RelayMessage Dated(WillMessage will)
    {
        return Dated(will.Topic, will.Payload, will.Qos, will.IsRetained, Keep(will.Properties, PacketType.Will), will.ExpirySeconds);
    }

    private RelayMessage Dated(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, MqttQos qos, bool isRetained, ReadOnlySpan<byte> properties,
        uint? expirySeconds)
    {
        return new RelayMessage
        {
            Topic = topic,
            Payload = payload,
            Qos = qos,
            IsRetained = isRetained,
            Publisher = publisher,
            ReceivedAt = clock.CoarseUtcNanos,
            ExpiresAt = expirySeconds is { } seconds ? serving.Expiry.Now + (seconds * EndpointCore.NanosPerSecond) : null,
            Properties = properties,
        };
    }

    private RelayStatus Append(in RelayMessage message, IAppendNote? note)
    {
        if (message.Length > serving.Relay.MaxMessageBytes)
        {
            return RelayStatus.TooLong;
        }

        if (!serving.Relay.TryAppend(message, _listeners, note))
        {
            return RelayStatus.Blocked;
        }

        foreach (IRelayListener listener in _listeners)
        {
            listener.Ring();
        }

        // Keep no reference to sessions that may end.
        _listeners.Clear();
        return RelayStatus.Relayed;
    }
}
