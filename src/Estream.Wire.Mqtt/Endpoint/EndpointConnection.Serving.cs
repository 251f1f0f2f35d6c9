using System.Text;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Internal;

// Serves subscribers.
internal sealed partial class EndpointConnection
{
    private const int MaxShownFilterBytes = 128;

    private Delivery? _delivery;

    /// <summary>Returns the authenticated user name; null if nothing authenticates it, since an unproven name grants no rights.</summary>
    private string? UserOf(ConnectInfo client)
    {
        return _scramUser ?? (_credentials.Passwords is null ? null : client.UserName);
    }

    /// <summary>Determines the client's rights, and checks its will, since a later refusal of the will could not be reported to the
    /// client.</summary>
    private Fault Authorize(ConnectInfo client, string clientId)
    {
        // A 3.1.1 CONNACK cannot announce that retained messages are not supported, so a retained will is accepted and published like any
        // other will.
        if (client.Will is { IsRetained: true } && _core.Serving?.Retained is null && !client.Is311)
        {
            return Fault.Of(
                MqttReasonCode.RetainNotSupported,
                "the will has Will Retain set, but retained messages are not supported [MQTT-3.2.2-13]");
        }

        _access = _core.Serving is null ? null : _credentials.Access!.Of(UserOf(client), clientId);
        return client.Will is { } will && _access?.MayWrite(will.Topic) == false
            ? Fault.Of(MqttReasonCode.NotAuthorized, "the client may not publish to the topic of its will")
            : default;
    }

    private void BeginPublishing()
    {
        if (_core.Serving is { } serving)
        {
            _pump.Publishing = new Publishing(serving, Encoding.UTF8.GetBytes(_session!.ClientId), _access, _core.Clock, _session.User);
        }
    }

    private MqttReasonCode Subscribe(EndpointServing serving, ReadOnlySpan<byte> filter, SubscriptionOptions options, uint identifier)
    {
        if (TopicRules.IsShared(filter))
        {
            return Share(serving, filter, options, identifier);
        }

        if (!_access!.MaySubscribe(filter))
        {
            return Deny(filter);
        }

        Subscriber subscriber = TakeSubscriber(serving);
        if (serving.Index.IsTaken(filter) && TrySubscribe(serving, subscriber, filter, options, identifier))
        {
            // A granted subscription is acknowledged with its maximum QoS as reason code [MQTT-3.8.4-7].
            return (MqttReasonCode)options.Qos;
        }

        return RefuseSubscription();
    }

    private MqttReasonCode RefuseSubscription()
    {
        _core.Counters.Reject(MqttReasonCode.QuotaExceeded, "a limit of subscriptions is reached", Who);
        return MqttReasonCode.QuotaExceeded;
    }

    private static bool TrySubscribe(EndpointServing serving, Subscriber subscriber, ReadOnlySpan<byte> filter, SubscriptionOptions options,
        uint identifier)
    {
        if (serving.Retained is not { } store)
        {
            return subscriber.TrySubscribe(filter, options, identifier, out _);
        }

        lock (store.Turn)
        {
            bool isSubscribed = subscriber.TrySubscribe(filter, options, identifier, out bool isNew);
            if (isSubscribed
                && (options.RetainHandling == RetainHandling.Always || (options.RetainHandling == RetainHandling.IfNew && isNew)))
            {
                subscriber.PrepareRetained(filter, store.Puts);
            }

            return isSubscribed;
        }
    }

    /// <summary>Makes the client a member of a shared subscription. Each message then goes to one member.</summary>
    private MqttReasonCode Share(EndpointServing serving, ReadOnlySpan<byte> name, SubscriptionOptions options, uint identifier)
    {
        // Any message can be assigned to this member, so it must be allowed to read all of them.
        if (!_access!.MayReadAll(SharedSubscriptions.FilterOf(name)))
        {
            return Deny(name);
        }

        if (serving.Index.IsTaken(name) && TakeSubscriber(serving).TryShare(name, options, identifier))
        {
            return (MqttReasonCode)options.Qos;
        }

        return RefuseSubscription();
    }

    private MqttReasonCode Deny(ReadOnlySpan<byte> filter)
    {
        _core.Counters.Reject(MqttReasonCode.NotAuthorized, "the AclFile does not allow a subscription", _pump.Client);
        if (_core.Denials.TryTake(_core.Clock.MonotonicNanos, out int omitted))
        {
            string shown = Encoding.UTF8.GetString(filter[..Math.Min(filter.Length, MaxShownFilterBytes)])
                + (filter.Length > MaxShownFilterBytes ? "…" : "");
            _core.Events.Report(AdapterEventKind.Degraded,
                $"{Who} was denied the subscription '{shown}': the AclFile does not allow it to read these topics."
                + (omitted == 0 ? "" : $" {omitted} denied subscriptions before this one were not logged."));
        }

        return MqttReasonCode.NotAuthorized;
    }

    private Subscriber TakeSubscriber(EndpointServing serving)
    {
        EndpointSession session = _session!;
        if (session.Subscriber is null)
        {
            session.Subscriber = serving.CreateSubscriber(session.User);
            session.Subscriber.IsKept = session.Records is { IsWillAlone: false };
        }

        return session.Subscriber;
    }

    private MqttReasonCode Unsubscribe(ReadOnlySpan<byte> filter)
    {
        return _session!.Subscriber?.Unsubscribe(filter) == true ? MqttReasonCode.Success : MqttReasonCode.NoSubscriptionExisted;
    }

    /// <summary>Handles an acknowledgement of a delivered message.</summary>
    private Fault OnAnswer(PacketType type, ReadOnlySpan<byte> body)
    {
        if (_delivery is not { } delivery)
        {
            return _pump.AnswerUnknownAck(type, body);
        }

        Fault fault = AckPacket.Decode(type, body, out AckPacket answer);
        if (fault.IsFault)
        {
            return fault;
        }

        switch (_session!.Subscriber!.Window.Answer(type, answer, out OutEntry done))
        {
            case OutAnswer.Release:
                _pump.Acks.Add(PacketType.PubRel, answer.PacketId, MqttReasonCode.Success);
                break;
            case OutAnswer.Done:
                done.Group?.Finish(done.Position);

                // The in-flight window may have a free slot now.
                delivery.Doorbell.Ring();
                break;
            default:
                return _pump.AnswerUnknownAck(type, body);
        }

        return default;
    }

    /// <summary>Creates the delivery, so that the client misses no message from now on. Does nothing if the session never had a
    /// subscription.</summary>
    private void PrepareDelivery()
    {
        if (_delivery is null && _core.Serving is { } serving && _session!.Subscriber is { } subscriber)
        {
            DeliveryTerms terms = new(
                Encoding.UTF8.GetBytes(_session.ClientId), _access!, _client!.ReceiveMaximum, MaximumPacketSize, _client.TopicAliasMaximum,
                _client.Is311);
            _delivery = new Delivery(serving, subscriber, terms, _core.Counters);
        }
    }

    /// <summary>Starts the delivery to the client. Must not be called before the CONNACK is sent.</summary>
    private void BeginDelivery()
    {
        PrepareDelivery();
        if (_delivery is { } delivery)
        {
            // The task ends with the connection and never throws.
            _delivering ??= Task.Run(() => DeliverAsync(delivery));
        }
    }

    private async Task DeliverAsync(Delivery delivery)
    {
        using OutputBuffer output = new();
        Subscriber subscriber = _session!.Subscriber!;
        try
        {
            while (!_closing.IsCancellationRequested)
            {
                delivery.Fill(output);
                if (output.IsEmpty)
                {
                    // A waiting subscriber holds no buffer.
                    output.Dispose();
                    await delivery.Doorbell.WaitAsync(_closing.Token).ConfigureAwait(false);
                    continue;
                }

                subscriber.BeginWrite();
                if (!await SaveDeliveryAsync().ConfigureAwait(false))
                {
                    return;
                }

                await _writer.WriteAsync(output.Written).ConfigureAwait(false);
                subscriber.EndWrite();
                output.Clear();
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is ending; the read loop reports the reason.
        }
        catch (Exception failure)
        {
            _core.Events.Report(AdapterEventKind.Degraded,
                $"{Who} is disconnected because its messages cannot be delivered: {failure.Message}", failure);
            RequestClose(MqttReasonCode.UnspecifiedError);
        }
    }

    private async Task EndDeliveryAsync()
    {
        if (_delivering is { } delivering)
        {
            // The delivery may be blocked in a write that the peer does not read.
            Abort();
            await delivering.ConfigureAwait(false);
        }
    }
}
