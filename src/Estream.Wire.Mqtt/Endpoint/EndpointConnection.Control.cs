using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

internal sealed partial class EndpointConnection
{
    private const int ReasonsOverhead = 6;

    private Fault OnControl(PacketType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case PacketType.PingReq:
                return OnPing(body);
            case PacketType.Subscribe or PacketType.Unsubscribe:
                return OnFilters(type, body);
            case PacketType.Disconnect:
                return OnDisconnect(body);
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubComp:
                return OnAnswer(type, body);
            case PacketType.Auth:
                return OnAuth(body);
            case PacketType.Connect:
                return Fault.Protocol("a second CONNECT [MQTT-3.1.0-2]");
            default:
                return Fault.Protocol("the client sent a packet that only a server may send (section 2.1.2)");
        }
    }

    private Fault OnPing(ReadOnlySpan<byte> body)
    {
        if (!body.IsEmpty)
        {
            return Fault.Malformed("a PINGREQ has content (section 3.12.1)");
        }

        _pump.Acks.Add(ControlPackets.PingResp);
        return default;
    }

    /// <summary>Answers a SUBSCRIBE or UNSUBSCRIBE with one reason code per filter, in order; see docs/guides/protocols/mqtt.md.</summary>
    private Fault OnFilters(PacketType type, ReadOnlySpan<byte> body)
    {
        Fault fault = SubscribePacket.Decode(type, body, out SubscribePacket packet, _pump.Is311);
        if (fault.IsFault)
        {
            return fault;
        }

        fault = CheckAnswer(packet);
        if (fault.IsFault)
        {
            return fault;
        }

        Span<byte> reasons = stackalloc byte[AckBuffer.MaxReasons];
        int count = 0;
        while (packet.TryNext(out ReadOnlySpan<byte> filter, out SubscriptionOptions options))
        {
            reasons[count++] = (byte)(!TopicRules.IsValidFilter(filter) ? MqttReasonCode.TopicFilterInvalid
                : type == PacketType.Unsubscribe ? Unsubscribe(filter)
                : _core.Serving is { } serving ? Subscribe(serving, filter, options, packet.Identifier)
                : NotServed(filter, packet.Identifier != 0));
        }

        _pump.Acks.AddReasons(type == PacketType.Subscribe ? PacketType.SubAck : PacketType.UnsubAck, packet.PacketId, reasons[..count]);
        BeginDelivery();
        return default;
    }

    /// <summary>Checks whether the request can be answered, before any subscription changes.</summary>
    private Fault CheckAnswer(SubscribePacket packet)
    {
        int count = 0;
        while (packet.TryNext(out ReadOnlySpan<byte> filter, out _))
        {
            if (++count > AckBuffer.MaxReasons)
            {
                return Fault.Of(MqttReasonCode.QuotaExceeded, "a SUBSCRIBE or UNSUBSCRIBE has more than 1,024 topic filters");
            }

            if (_pump.Is311 && !TopicRules.IsValidFilter(filter))
            {
                return Fault.Of(MqttReasonCode.TopicFilterInvalid, "a topic filter is not valid [MQTT-4.8.0-1]");
            }
        }

        // [MQTT-3.1.2-24]: unlike other acknowledgements, a SUBACK or UNSUBACK can be longer than the CONNACK that the client accepted.
        return count + ReasonsOverhead > MaximumPacketSize
            ? Fault.Of(MqttReasonCode.PacketTooLarge, "the answer to these topic filters is larger than the client's Maximum Packet Size")
            : default;
    }

    /// <summary>Returns the reason code if subscribers are not served. The CONNACK has announced each of these features as
    /// unavailable.</summary>
    private static MqttReasonCode NotServed(ReadOnlySpan<byte> filter, bool hasIdentifier)
    {
        if (hasIdentifier)
        {
            return MqttReasonCode.SubscriptionIdentifiersNotSupported;
        }

        if (TopicRules.IsShared(filter))
        {
            return MqttReasonCode.SharedSubscriptionsNotSupported;
        }

        return TopicRules.HasWildcard(filter)
            ? MqttReasonCode.WildcardSubscriptionsNotSupported
            : MqttReasonCode.ImplementationSpecificError;
    }

    private Fault OnDisconnect(ReadOnlySpan<byte> body)
    {
        Fault fault = DisconnectPacket.Decode(body, isFromServer: false, out DisconnectPacket packet);
        if (fault.IsFault)
        {
            return fault;
        }

        if (packet.SessionExpirySeconds is { } expiry)
        {
            if (expiry != 0 && _client!.SessionExpirySeconds == 0)
            {
                return Fault.Protocol("a DISCONNECT sets a session expiry interval, but that of the CONNECT was 0 (section 3.14.2.2.2)");
            }

            _sessionExpirySeconds = Math.Min(expiry, (uint)_core.Options.MaxSessionExpirySeconds);
        }

        // Any reason code other than 0x00 keeps the will, which is then published [MQTT-3.14.4-3].
        _sendWill &= packet.Reason != MqttReasonCode.Success;
        _pump.Finish();
        return default;
    }
}
