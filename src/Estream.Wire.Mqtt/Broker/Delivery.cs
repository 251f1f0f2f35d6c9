using Estream.Core;
using Estream.Queue;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// Sends one client its pending messages, as far as its quota and the buffer allow: first the messages that an earlier connection left
/// unacknowledged, then retained messages for new subscriptions, then new messages of the relay. Packets are written directly from the log
/// into the buffer. Not thread-safe.
/// </summary>
internal sealed partial class Delivery
{
    private readonly EndpointServing _serving;
    private readonly Subscriber _subscriber;
    private readonly DeliveryTerms _terms;
    private readonly MqttCounters _counters;
    private readonly OutTopicAliases _aliases;
    private readonly int _quota;
    private readonly long _attachedAt;
    private uint[] _identifiers = [];
    private Subscription[]? _checked;
    private bool _mayReadAll;
    private int _sent;

    public Delivery(EndpointServing serving, Subscriber subscriber, in DeliveryTerms terms, MqttCounters counters)
    {
        _serving = serving;
        _subscriber = subscriber;
        _terms = terms;
        _counters = counters;
        _aliases = new OutTopicAliases(Math.Min(terms.TopicAliasMaximum, serving.Options.TopicAliasMaximum));

        // [MQTT-4.9.0-1] [MQTT-3.3.4-9]
        _quota = Math.Min(terms.ReceiveMaximum, serving.Options.MaxInflight);
        _attachedAt = serving.Relay.Next();
        subscriber.Attach(Doorbell, serving.Retained);
    }

    /// <summary>Rings when there may be more to send.</summary>
    public Doorbell Doorbell { get; } = new();

    /// <summary>Collects the next packets. Collects none if nothing is pending, or if the client must first acknowledge messages.</summary>
    /// <exception cref="EstreamException">The relay cannot be read.</exception>
    public void Fill(OutputBuffer output)
    {
        JumpIfTooFarBehind();
        SharedSubscription[] shared = _subscriber.Shared;
        if (!_subscriber.Window.TryPeekAgain(_quota, out _) && _subscriber.PeekRetained() is null
            && _subscriber.Place.Waiting == RelayPlace.Nothing && shared.Length == 0)
        {
            return;
        }

        QueueTailer tailer = _serving.Relay.Tailers.Rent();
        bool isWell = false;
        try
        {
            if (SendAgain(tailer, output) && SendRetained(output))
            {
                SendNew(tailer, output);
                if (shared.Length > 0)
                {
                    SendShared(tailer, output, shared);
                }
            }

            isWell = true;
        }
        finally
        {
            if (_sent > 0)
            {
                _subscriber.Move();
            }

            _counters.AddSent(_sent);
            _sent = 0;
            if (isWell)
            {
                _serving.Relay.Tailers.Return(tailer);
            }
            else
            {
                tailer.Dispose();
            }
        }
    }

    /// <summary>Skips to the newest message if a client with only QoS 0 subscriptions is too far behind. Messages of QoS 1 and 2 are never
    /// skipped.</summary>
    private void JumpIfTooFarBehind()
    {
        long waiting = _subscriber.Place.Waiting;
        if (waiting != RelayPlace.Nothing && _serving.Relay.Newest - waiting > _serving.Options.MaxBehindBytes && _subscriber.IsBestEffort)
        {
            _subscriber.Place.Jump();
            _counters.Drop(DropReason.Behind);
        }
    }

    /// <returns>False if the buffer is full.</returns>
    private bool SendAgain(QueueTailer tailer, OutputBuffer output)
    {
        while (_subscriber.Window.TryPeekAgain(_quota, out OutEntry entry))
        {
            if (entry.State == OutState.Released)
            {
                if (!output.TryReserve(ControlPackets.MaxAckLength, out Span<byte> room))
                {
                    return false;
                }

                output.Advance(ControlPackets.WriteAck(room, PacketType.PubRel, entry.Id, MqttReasonCode.Success));
            }
            else if (!TrySendAgain(tailer, entry, output, out bool isFull))
            {
                if (isFull)
                {
                    return false;
                }

                _subscriber.Window.GiveUp(entry.Id);
                entry.Group?.Finish(entry.Position);
                continue;
            }

            _subscriber.Window.SentAgain(entry.Id);
        }

        return true;
    }

    private bool TrySendAgain(QueueTailer tailer, in OutEntry entry, OutputBuffer output, out bool isFull)
    {
        if (entry.RetainedTopic is { } topic)
        {
            return TrySendRetainedAgain(topic, entry, output, out isFull);
        }

        isFull = false;
        tailer.Seek(entry.Position);
        if (!tailer.TryRead(out QueueMessage message))
        {
            return false;
        }

        PublishedRecord.View record = PublishedRecord.View.Of(message.Payload);
        if (!MayRead(entry.Subscriptions, record.Topic))
        {
            // The right to read the message was revoked meanwhile.
            return false;
        }

        Recipient recipient = Match(record, message.Position, entry.Subscriptions);
        isFull = !TryWrite(record, recipient with { Qos = entry.Qos }, entry.Id, isDuplicate: true, output, out bool isWritten);
        return isWritten;
    }

    private void SendNew(QueueTailer tailer, OutputBuffer output)
    {
        RelayPlace place = _subscriber.Place;
        if (place.Waiting == RelayPlace.Nothing)
        {
            return;
        }

        place.GoOn(tailer);
        while (true)
        {
            if (!tailer.TryRead(out QueueMessage message))
            {
                if (place.TryRest(tailer))
                {
                    return;
                }
            }
            else if (TrySend(message, output))
            {
                place.Passed(message.Position);
            }
            else
            {
                place.Stay(message.Position);
                return;
            }
        }
    }

    /// <returns>False if the message must wait for buffer space or for an acknowledgement.</returns>
    private bool TrySend(in QueueMessage message, OutputBuffer output)
    {
        PublishedRecord.View record = PublishedRecord.View.Of(message.Payload);
        Subscription[] subscriptions = _subscriber.Subscriptions;
        Recipient recipient = Match(record, message.Position, subscriptions);
        bool isForNow = recipient.Qos != MqttQos.AtMostOnce || message.Position >= _attachedAt;
        if (!recipient.IsAny || !isForNow || !MayRead(subscriptions, record.Topic))
        {
            return true;
        }

        if (IsExpired(record))
        {
            return true;
        }

        ushort id = 0;
        if (recipient.Qos != MqttQos.AtMostOnce && (_isRetainedWaiting || !_subscriber.Window.TryTakeId(_quota, out id)))
        {
            return false;
        }

        if (!TryWrite(record, recipient, id, isDuplicate: false, output, out bool isWritten))
        {
            return false;
        }

        if (isWritten && id != 0)
        {
            _subscriber.Window.Add(new OutEntry(id, recipient.Qos, OutState.Sent, message.Position, subscriptions));
        }

        return true;
    }

    /// <summary>Whether a message has expired and must not be sent any more [MQTT-3.3.2-5].</summary>
    private bool IsExpired(PublishedRecord.View record)
    {
        bool isExpired = record.ExpiresAt is { } expiresAt && expiresAt <= _serving.Expiry.Now;
        if (isExpired)
        {
            _counters.Drop(DropReason.Expired);
        }

        return isExpired;
    }

    /// <summary>Matches a message with the client's subscriptions. All matching subscriptions share one PUBLISH [MQTT-3.3.4-2]
    /// [MQTT-3.3.4-4].</summary>
    private Recipient Match(PublishedRecord.View record, long position, Subscription[] subscriptions)
    {
        if (_identifiers.Length < subscriptions.Length)
        {
            _identifiers = new uint[subscriptions.Length];
        }

        bool isOwn = !_terms.ClientId.IsEmpty && record.Publisher.SequenceEqual(_terms.ClientId.Span);
        Recipient recipient = default;
        foreach (Subscription subscription in subscriptions)
        {
            if (position < subscription.From || !TopicFilter.Matches(subscription.Filter, record.Topic)
                || (isOwn && subscription.Options.NoLocal))
            {
                continue;
            }

            // Each subscription gives the lower of its granted QoS and the published QoS [MQTT-3.8.4-8]; the highest of these applies.
            MqttQos qos = (MqttQos)Math.Min((byte)subscription.Options.Qos, record.Qos);
            recipient = new Recipient(
                true,
                qos > recipient.Qos ? qos : recipient.Qos,
                recipient.IsRetained || (record.Retain && subscription.Options.RetainAsPublished),
                recipient.Identifiers);
            if (subscription.Identifier != 0)
            {
                _identifiers[recipient.Identifiers] = subscription.Identifier;
                recipient = recipient with { Identifiers = recipient.Identifiers + 1 };
            }
        }

        return recipient;
    }

    private bool MayRead(Subscription[] subscriptions, ReadOnlySpan<byte> topic)
    {
        if (_checked != subscriptions)
        {
            _checked = subscriptions;
            _mayReadAll = subscriptions.Length > 0
                && Array.TrueForAll(subscriptions, subscription => _terms.Access.MayReadAll(subscription.Filter));
        }

        return _mayReadAll || _terms.Access.MayRead(topic);
    }

    /// <returns>False if the buffer is full; then nothing was written.</returns>
    private bool TryWrite(PublishedRecord.View record, Recipient recipient, ushort id, bool isDuplicate, OutputBuffer output,
        out bool isWritten)
    {
        bool isKnown = _aliases.TryGet(record.Topic, out ushort known);
        ushort alias = isKnown ? known : _aliases.Next;
        ServerPublish packet = new()
        {
            Topic = isKnown ? default : record.Topic,
            Qos = recipient.Qos,
            IsDuplicate = isDuplicate,
            IsRetained = recipient.IsRetained,
            Is311 = _terms.Is311,
            PacketId = id,
            TopicAlias = alias,
            ExpirySeconds = SecondsLeft(record),
            SubscriptionIds = _identifiers.AsSpan(0, recipient.Identifiers),
            Properties = record.Properties,
            Payload = record.Payload,
        };
        if (alias != 0 && !packet.Fits(_terms.MaximumPacketSize))
        {
            // If the packet is too large with an alias, omit the alias: it is not part of the message.
            packet = packet with { Topic = record.Topic, TopicAlias = 0 };
            alias = 0;
        }

        isWritten = packet.Fits(_terms.MaximumPacketSize);
        if (!isWritten)
        {
            // [MQTT-3.1.2-24] [MQTT-3.1.2-25]
            _counters.Drop(DropReason.TooLarge);
            return true;
        }

        if (!output.TryReserve((int)packet.Length, out Span<byte> room))
        {
            isWritten = false;
            return false;
        }

        output.Advance(packet.Write(room));
        _sent++;
        if (!isKnown && alias != 0)
        {
            _aliases.Add(record.Topic);
        }

        return true;
    }

    /// <summary>Returns the remaining expiry interval of a message in whole seconds [MQTT-3.3.2-6]; null if it never expires.</summary>
    private uint? SecondsLeft(PublishedRecord.View record)
    {
        if (record.ExpiresAt is not { } expiresAt)
        {
            return null;
        }

        long left = expiresAt - _serving.Expiry.Now;
        return (uint)Math.Clamp((left + EndpointCore.NanosPerSecond - 1) / EndpointCore.NanosPerSecond, 0, uint.MaxValue);
    }

    /// <summary>How a message is sent to a client.</summary>
    /// <param name="IsAny">Whether a subscription matches.</param>
    /// <param name="Qos">The QoS to send it with.</param>
    /// <param name="IsRetained">Whether RETAIN is set: the publisher set it, and a subscription has Retain As Published.</param>
    /// <param name="Identifiers">The number of subscription identifiers to send.</param>
    private readonly record struct Recipient(bool IsAny, MqttQos Qos, bool IsRetained, int Identifiers);
}
