using System.Buffers;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Why the pump stopped processing received bytes.</summary>
internal enum PumpPause
{
    /// <summary>All complete packets were handled.</summary>
    NeedsBytes,

    /// <summary>The acknowledgement buffer is full. Send it, then continue.</summary>
    AcksFull,

    /// <summary>A queue cannot be written. Process the same bytes again later.</summary>
    Blocked,

    /// <summary>The connection must end.</summary>
    Over,
}

/// <summary>Handles a packet other than PUBLISH and PUBREL.</summary>
internal delegate Fault ControlHandler(PacketType type, ReadOnlySpan<byte> body);

/// <summary>The limits of a receiver of messages.</summary>
internal readonly record struct PumpLimits(int MaxPacketBytes, int MaxTopicBytes, int ReceiveMaximum, int TopicAliasMaximum,
    bool IsFromServer);

/// <summary>
/// The receiving half of a connection, for clients and servers: parses the received bytes, stores messages and collects acknowledgements.
/// It never waits and never writes to the network; its owner does so between two calls of Process. Not thread-safe.
/// </summary>
internal sealed class PacketPump : IDisposable
{
    private readonly PumpLimits _limits;
    private readonly IngressWriter _ingress;
    private readonly MqttCounters _counters;
    private readonly ControlHandler _onControl;
    private readonly FrameScratch _scratch = new();
    private readonly TopicAliases _aliases;
    private int _unacknowledged;
    private int _unreleased;

    // True if the current message was relayed but its queue append was blocked.
    private bool _isRelayed;
    private ReadTally _tally;

    public PacketPump(PumpLimits limits, IngressWriter ingress, MqttCounters counters, ControlHandler onControl)
    {
        _limits = limits;
        _ingress = ingress;
        _counters = counters;
        _onControl = onControl;
        _aliases = new TopicAliases(limits.TopicAliasMaximum);
    }

    /// <summary>The collected acknowledgements. Send them after each call of Process, then call <see cref="Flushed"/>.</summary>
    public AckBuffer Acks { get; } = new();

    /// <summary>The packet identifiers of QoS 2 messages that are stored and not yet released. Belongs to the session.</summary>
    public PacketIdSet Received { get; set; } = new();

    /// <summary>Relays messages to subscribers; null if subscribers are not served.</summary>
    public Publishing? Publishing { get; set; }

    /// <summary>The packet identifier of a QoS 2 message that was relayed but is not stored yet; 0 for none. Belongs to the
    /// session.</summary>
    public ushort RelayedId { get; set; }

    /// <summary>Persistent QoS 2 state; null for in-memory sessions.</summary>
    public SessionRecords? Records { get; set; }

    /// <summary>The client that sends the messages, for counts of refusals; null if it is unknown.</summary>
    public string? Client { get; set; }

    /// <summary>Whether the peer uses MQTT 3.1.1.</summary>
    public bool Is311
    {
        get => Acks.Is311;
        set => Acks.Is311 = value;
    }

    /// <summary>Why the last call of Process stopped.</summary>
    public PumpPause Pause { get; private set; }

    /// <summary>The protocol violation of the peer; no fault if there was none.</summary>
    public Fault Fault { get; private set; }

    /// <summary>The buffer for packets that span segments. The owner may use it before the first call of Process.</summary>
    public FrameScratch Scratch => _scratch;

    /// <summary>Handles all complete packets under one acquisition of the queue's lock.</summary>
    /// <returns>The position after the last handled packet.</returns>
    public SequencePosition Process(in ReadOnlySequence<byte> buffer)
    {
        FrameCursor cursor = new(buffer, _scratch, _limits.MaxPacketBytes);
        Pause = PumpPause.NeedsBytes;
        _tally = default;
        try
        {
            while (Pause == PumpPause.NeedsBytes)
            {
                HeaderStatus status = cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out Fault fault);
                if (status == HeaderStatus.Incomplete)
                {
                    break;
                }

                if (!fault.IsFault)
                {
                    fault = Handle(first, body);
                }

                Settle(fault, ref cursor);
            }
        }
        finally
        {
            _ingress.Release();
            _scratch.Trim();
            _counters.AddReceived(_tally);
        }

        return cursor.Consumed;
    }

    /// <summary>Clears the acknowledgements after they were sent.</summary>
    public void Flushed()
    {
        Acks.Clear();
        _unacknowledged = 0;
    }

    /// <summary>
    /// Handles an acknowledgement that has no in-flight message or does not match its state. This is not a protocol violation: a PUBREC is
    /// answered with Packet Identifier not found (section 4.3.3).
    /// </summary>
    public Fault AnswerUnknownAck(PacketType type, ReadOnlySpan<byte> body)
    {
        Fault fault = AckPacket.Decode(type, body, out AckPacket packet);
        if (!fault.IsFault && type == PacketType.PubRec && !packet.IsFailure)
        {
            Acks.Add(PacketType.PubRel, packet.PacketId, MqttReasonCode.PacketIdentifierNotFound);
        }

        return fault;
    }

    /// <summary>Stops processing and ends the connection. Called by the control handler.</summary>
    public void Finish()
    {
        Pause = PumpPause.Over;
    }

    public void Dispose()
    {
        _ingress.Dispose();
        _scratch.Dispose();
        Publishing?.Dispose();
        Acks.Dispose();
    }

    private void Settle(Fault fault, ref FrameCursor cursor)
    {
        if (fault.IsFault)
        {
            Pause = PumpPause.Over;
            Fault = fault;
            _counters.Reject(fault.Code, fault.Why, Client);
        }
        else if (Pause == PumpPause.Blocked)
        {
            cursor.Undo();
        }
        else if (Pause == PumpPause.NeedsBytes && !Acks.HasRoom)
        {
            Pause = PumpPause.AcksFull;
        }
    }

    private Fault Handle(byte first, ReadOnlySpan<byte> body)
    {
        PacketType type = (PacketType)(first >> 4);
        Fault fault = Is311 ? Mqtt311.Check(type, body.Length) : default;
        if (fault.IsFault)
        {
            return fault;
        }

        return type switch
        {
            PacketType.Publish => OnPublish(first, body),
            PacketType.PubRel => OnRelease(body),
            _ => _onControl(type, body),
        };
    }

    private Fault OnPublish(byte first, ReadOnlySpan<byte> body)
    {
        Fault fault = PublishPacket.Decode(first, body, _ingress.LastTopic, _limits.IsFromServer, out PublishPacket packet, Is311);
        if (fault.IsFault)
        {
            return fault;
        }

        ReadOnlySpan<byte> topic = packet.Topic;
        if (packet.TopicAlias is { } alias)
        {
            if (topic.Length > _limits.MaxTopicBytes)
            {
                // An alias keeps its topic for the whole connection, so only topics within the limit may have an alias.
                return Fault.Of(MqttReasonCode.TopicNameInvalid, "a topic with an alias is longer than MaxTopicBytes");
            }

            fault = _aliases.Resolve(alias, ref topic);
            if (fault.IsFault)
            {
                return fault;
            }
        }

        if (packet.Qos == MqttQos.ExactlyOnce && Received.Contains(packet.PacketId))
        {
            // The message was stored before; only its PUBREC was lost [MQTT-4.3.3-10].
            Acks.Add(PacketType.PubRec, packet.PacketId, MqttReasonCode.Success);
            return default;
        }

        // MQTT 3.1.1 has no Receive Maximum. There the capacity of the acknowledgement buffer limits how many messages are handled at a
        // time.
        if (!Is311 && packet.Qos != MqttQos.AtMostOnce && _unacknowledged + _unreleased >= _limits.ReceiveMaximum)
        {
            return Fault.Of(
                MqttReasonCode.ReceiveMaximumExceeded,
                "more messages are unacknowledged than Receive Maximum allows [MQTT-3.3.4-7] [MQTT-3.3.4-9]");
        }

        Store(packet, topic, body.Length);
        return default;
    }

    private void Store(in PublishPacket packet, ReadOnlySpan<byte> topic, int bytes)
    {
        // The message was relayed before: it is retried on this connection, or the client resends it on a later connection.
        _isRelayed |= packet.Qos == MqttQos.ExactlyOnce && packet.PacketId == RelayedId;
        MqttReasonCode reason = WhyNot(packet, topic);
        if (reason != MqttReasonCode.Success)
        {
            _counters.Reject(reason, TextOf(reason), Client);
        }
        else if (!TryRelay(packet, topic) || !TryStore(packet, topic, out reason))
        {
            Pause = PumpPause.Blocked;
            return;
        }

        // The message is finished, even if it was refused now. The flags must not apply to the next message.
        _isRelayed = false;
        RelayedId = packet.Qos == MqttQos.ExactlyOnce && packet.PacketId == RelayedId ? (ushort)0 : RelayedId;
        _tally.Messages++;
        _tally.Bytes += bytes;
        Acknowledge(packet.Qos, packet.PacketId, reason);
    }

    private static string? TextOf(MqttReasonCode reason) => reason switch
    {
        MqttReasonCode.TopicNameInvalid => "a topic is longer than MaxTopicBytes",
        MqttReasonCode.NotAuthorized => "the AclFile does not allow to publish to a topic",
        MqttReasonCode.QuotaExceeded => "a limit of retained messages is reached",
        _ => null,
    };

    private MqttReasonCode WhyNot(in PublishPacket packet, ReadOnlySpan<byte> topic)
    {
        if (topic.Length > _limits.MaxTopicBytes)
        {
            return MqttReasonCode.TopicNameInvalid;
        }

        if (Publishing is not { } publishing)
        {
            return MqttReasonCode.Success;
        }

        if (!publishing.MayPublish(topic))
        {
            return MqttReasonCode.NotAuthorized;
        }

        // A message that was relayed is already retained if its flag asked for it, so a quota reached since then does not refuse it.
        return _isRelayed || publishing.MayRetain(packet, topic) ? MqttReasonCode.Success : MqttReasonCode.QuotaExceeded;
    }

    /// <summary>Relays a message once: to current subscribers and, as a retained message, to future subscribers. If its queue blocks
    /// afterwards, the message is retried without being relayed again, on this connection or when the client resends it.</summary>
    /// <returns>False if the message must be retried.</returns>
    private bool TryRelay(in PublishPacket packet, ReadOnlySpan<byte> topic)
    {
        if (Publishing is not { } publishing || _isRelayed || !_ingress.CanStoreRaw(topic))
        {
            return true;
        }

        RelayStatus status = publishing.Relay(packet, topic, NoteOf(packet));
        _isRelayed = status == RelayStatus.Relayed;
        if (_isRelayed && packet.Qos == MqttQos.ExactlyOnce)
        {
            RelayedId = packet.PacketId;
            Records?.ChangeIncoming(RelayedId);
        }

        return status != RelayStatus.Blocked;
    }

    private bool TryStore(in PublishPacket packet, ReadOnlySpan<byte> topic, out MqttReasonCode reason)
    {
        reason = MqttReasonCode.Success;
        _ingress.Note = NoteOf(packet);
        IngressStatus status = _ingress.Append(new WireMessage(topic, packet.Payload));
        if (status == IngressStatus.Blocked)
        {
            return false;
        }

        _tally.DeadLettered += status == IngressStatus.Stored ? 0 : 1;
        if (status == IngressStatus.NotMapped && !_limits.IsFromServer && !_isRelayed)
        {
            // Only a server may send this reason code (table 3-4).
            reason = MqttReasonCode.NoMatchingSubscribers;
        }

        return true;
    }

    /// <summary>Returns the records that must store the message's queue position before commit; null if not needed. They ensure that a QoS
    /// 2 message is stored once, even if the process crashes between the append and the PUBREC.</summary>
    private SessionRecords? NoteOf(in PublishPacket packet)
    {
        return packet.Qos == MqttQos.ExactlyOnce ? Records?.Announce(packet.PacketId) : null;
    }

    /// <summary>
    /// Adds the acknowledgement of a message that was appended to its queue, so it survives a crash of this process. Before the
    /// acknowledgement is sent, the owner waits until the message is as durable as its queue promises.
    /// </summary>
    private void Acknowledge(MqttQos qos, ushort packetId, MqttReasonCode reason)
    {
        if (qos == MqttQos.AtMostOnce)
        {
            return;
        }

        _tally.Acknowledged++;
        if (qos == MqttQos.AtLeastOnce)
        {
            _unacknowledged++;
            Acks.Add(PacketType.PubAck, packetId, reason);
            return;
        }

        if (reason < MqttReasonCode.UnspecifiedError)
        {
            // _unreleased counts the messages of this connection only, since each connection starts with a full quota (section 4.9).
            Received.Add(packetId);
            _unreleased++;
        }

        Records?.ChangeIncoming(RelayedId);

        Acks.Add(PacketType.PubRec, packetId, reason);
    }

    private Fault OnRelease(ReadOnlySpan<byte> body)
    {
        Fault fault = AckPacket.Decode(PacketType.PubRel, body, out AckPacket packet);
        if (fault.IsFault)
        {
            return fault;
        }

        bool isKnown = Received.Remove(packet.PacketId);
        Records?.ChangeIncoming(RelayedId);
        _unreleased = isKnown ? Math.Max(0, _unreleased - 1) : _unreleased;
        Acks.Add(PacketType.PubComp, packet.PacketId, isKnown ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound);
        return default;
    }
}
