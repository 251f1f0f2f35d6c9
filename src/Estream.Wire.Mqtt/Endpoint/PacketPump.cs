using System.Buffers;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Why a pass over the received bytes has stopped.</summary>
internal enum PumpPause
{
    /// <summary>Everything that is whole was handled.</summary>
    NeedsBytes,

    /// <summary>The answers have to be sent first.</summary>
    AcksFull,

    /// <summary>A queue cannot be written: offer the same bytes again later.</summary>
    Blocked,

    /// <summary>The connection is to end.</summary>
    Over,
}

/// <summary>Handles a packet that is neither PUBLISH nor PUBREL.</summary>
internal delegate Fault ControlHandler(PacketType type, ReadOnlySpan<byte> body);

/// <summary>What a receiver of messages allows.</summary>
internal readonly record struct PumpLimits(int MaxPacketBytes, int MaxTopicBytes, int ReceiveMaximum, int TopicAliasMaximum,
    bool IsFromServer);

/// <summary>
/// The receiving half of a connection, the same in both roles: takes packets out of the received bytes, stores messages, collects the
/// answers. It never waits and never writes to the wire; its owner does, between two passes. Not thread-safe.
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

    // Of the message at hand: subscribers have it already, and its queue could not take it.
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

    /// <summary>The answers collected; send them after each pass, then call <see cref="Flushed"/>.</summary>
    public AckBuffer Acks { get; } = new();

    /// <summary>Identifiers of QoS 2 messages that are stored and not yet released: the session's.</summary>
    public PacketIdSet Received { get; set; } = new();

    /// <summary>The way to subscribers; null where nobody is served.</summary>
    public Publishing? Publishing { get; set; }

    /// <summary>Identifier of a QoS 2 message that subscribers have and that is not stored; 0 for none. The session's.</summary>
    public ushort RelayedId { get; set; }

    /// <summary>Where it is kept what of QoS 2 is stored; null where nothing outlives the process.</summary>
    public SessionRecords? Records { get; set; }

    /// <summary>Whether the peer speaks MQTT 3.1.1.</summary>
    public bool Is311
    {
        get => Acks.Is311;
        set => Acks.Is311 = value;
    }

    /// <summary>Why the last pass has stopped.</summary>
    public PumpPause Pause { get; private set; }

    /// <summary>What the peer did wrong, once it has.</summary>
    public Fault Fault { get; private set; }

    /// <summary>Memory for packets across two segments; the owner may use it before the first pass.</summary>
    public FrameScratch Scratch => _scratch;

    /// <summary>Handles all whole packets, inside one hold of the queue's lock.</summary>
    /// <returns>Up to where the bytes are done with.</returns>
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

    /// <summary>Tells that the answers are on the wire.</summary>
    public void Flushed()
    {
        Acks.Clear();
        _unacknowledged = 0;
    }

    /// <summary>
    /// Takes an acknowledgement of a message this side has not sent at QoS 2: a mismatch, not an offence, and a PUBREC is told so
    /// (section 4.3.3).
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

    /// <summary>Ends the pass and the connection: called by the control handler.</summary>
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
            _counters.Reject(fault.Code);
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
                // An alias is kept as long as the connection: only topics that are accepted may take that memory.
                return Fault.Of(MqttReasonCode.TopicNameInvalid, "a topic longer than this endpoint takes cannot have an alias");
            }

            fault = _aliases.Resolve(alias, ref topic);
            if (fault.IsFault)
            {
                return fault;
            }
        }

        if (packet.Qos == MqttQos.ExactlyOnce && Received.Contains(packet.PacketId))
        {
            // It is stored already and only the answer was lost [MQTT-4.3.3-10].
            Acks.Add(PacketType.PubRec, packet.PacketId, MqttReasonCode.Success);
            return default;
        }

        // A client of version 3.1.1 was told of no maximum: the room for answers bounds what is taken of it at a time.
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
        // Offered again: on this connection, or by the client on a later one.
        _isRelayed |= packet.Qos == MqttQos.ExactlyOnce && packet.PacketId == RelayedId;
        MqttReasonCode reason = WhyNot(packet, topic);
        if (reason != MqttReasonCode.Success)
        {
            _counters.Reject(reason);
        }
        else if (!TryRelay(packet, topic) || !TryStore(packet, topic, out reason))
        {
            Pause = PumpPause.Blocked;
            return;
        }

        // Done with, also where it is refused by now: the next message is another one.
        _isRelayed = false;
        RelayedId = packet.Qos == MqttQos.ExactlyOnce && packet.PacketId == RelayedId ? (ushort)0 : RelayedId;
        _tally.Messages++;
        _tally.Bytes += bytes;
        Acknowledge(packet.Qos, packet.PacketId, reason);
    }

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

        // What is relayed is retained too, if it was to be: that another one could not be by now is no reason to refuse it.
        return _isRelayed || publishing.MayRetain(packet, topic) ? MqttReasonCode.Success : MqttReasonCode.QuotaExceeded;
    }

    /// <summary>Passes a message on to subscribers, those to come among them, once: where its queue cannot take it then, it is offered
    /// again, by this client if need be.</summary>
    /// <returns>False when it has to be offered again.</returns>
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
            // Only a server may say that nobody is subscribed (table 3-4).
            reason = MqttReasonCode.NoMatchingSubscribers;
        }

        return true;
    }

    /// <summary>What has to be told where a message will lie: at QoS 2 it is stored once, also where a kill comes between that and the
    /// answer.</summary>
    private SessionRecords? NoteOf(in PublishPacket packet)
    {
        return packet.Qos == MqttQos.ExactlyOnce ? Records?.Announce(packet.PacketId) : null;
    }

    /// <summary>
    /// Adds the acknowledgement of a message that is in its queue. The message survives a crash of this process. Before the acknowledgement
    /// is sent, the owner waits until the message is as durable as its queue promises.
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
            // Counted for this connection alone: the quota begins anew with each (section 4.9).
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
