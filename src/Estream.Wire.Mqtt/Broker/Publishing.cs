using Estream.Core;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What became of a message on its way to subscribers.</summary>
internal enum RelayStatus
{
    /// <summary>Nobody is subscribed to its topic.</summary>
    Nobody,

    /// <summary>It is in the relay, and survives there as long as somebody waits for it.</summary>
    Relayed,

    /// <summary>The relay cannot be written now: nothing was appended, and the same call can succeed later.</summary>
    Blocked,

    /// <summary>It is longer than the relay takes.</summary>
    TooLong,
}

/// <summary>One publisher's way to the subscribers of its endpoint: a client of it, or the host. Not thread-safe.</summary>
/// <param name="serving">What the endpoint serves with.</param>
/// <param name="publisher">Its client identifier; empty for the host.</param>
/// <param name="access">What it may write; null for the host, which may anything.</param>
/// <param name="clock">Time.</param>
/// <param name="user">Whose retained messages they are; null for nobody's.</param>
internal sealed class Publishing(
    EndpointServing serving, byte[] publisher, ClientAccess? access, IClock clock, string? user = null) : IDisposable
{
    private readonly List<IRelayListener> _listeners = [];
    private readonly FrameScratch _scratch = new();

    /// <summary>Bytes of buffers held now.</summary>
    public int BufferedBytes => _scratch.Capacity;

    /// <summary>Whether the publisher may publish under a topic.</summary>
    public bool MayPublish(ReadOnlySpan<byte> topic)
    {
        return access is null || access.MayWrite(topic);
    }

    /// <summary>Keeps what a client has sent for subscribers to come, where it says so, and passes it on to those that are there.</summary>
    /// <param name="packet">The message.</param>
    /// <param name="topic">Its topic, where an alias stands for it in the packet.</param>
    /// <param name="note">Is told where it will lie; null where nobody has to know.</param>
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

    /// <summary>Whether there is room to keep a message, where it is to be kept.</summary>
    public bool MayRetain(in PublishPacket packet, ReadOnlySpan<byte> topic)
    {
        return !packet.IsRetained || packet.Payload.IsEmpty || serving.Retained is not { } store
            || store.HasRoom(topic,
                new RelayMessage { Topic = topic, Payload = packet.Payload, Publisher = publisher, Properties = packet.Properties }.Length,
                user);
    }

    /// <summary>The same for what a client has left; where there is no room to keep it, it is passed on alone.</summary>
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

    /// <summary>Passes on what the host emits.</summary>
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

        // Not to be kept alive by who published to it last.
        _listeners.Clear();
        return RelayStatus.Relayed;
    }
}
