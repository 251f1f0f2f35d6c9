using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal.Serving;

// Delivers retained messages for new subscriptions.
internal sealed partial class Delivery
{
    private const int KeptBytes = 64 * 1024;

    private byte[] _frame = [];
    private bool _isRetainedWaiting;

    /// <returns>False if the buffer is full.</returns>
    private bool SendRetained(OutputBuffer output)
    {
        _isRetainedWaiting = false;
        while (_serving.Retained is { } store && _subscriber.PeekRetained() is { } run)
        {
            if (run.Next(store) is not { } topic)
            {
                _subscriber.EndRetained(run);
                continue;
            }

            if (!TrySendRetained(store, run, topic, output, out bool isFull))
            {
                // An acknowledgement can free an identifier now. It is for this retained message, not for a newer message.
                _isRetainedWaiting = !isFull;
                return !isFull;
            }

            run.Passed(topic);
        }

        return true;
    }

    /// <returns>False if the message must wait for buffer space or for an acknowledgement.</returns>
    private bool TrySendRetained(RetainedStore store, RetainedRun run, byte[] topic, OutputBuffer output, out bool isFull)
    {
        isFull = false;
        if (!store.TryGet(topic, run.Puts, ref _frame, out int length, out long put) || !_terms.Access.MayRead(topic))
        {
            return true;
        }

        PublishedRecord.View record = PublishedRecord.View.Of(_frame.AsSpan(0, length));
        if (record.ExpiresAt is { } expiresAt && expiresAt <= _serving.Expiry.Now)
        {
            store.RemoveExpired(topic, _serving.Expiry.Now);
            return true;
        }

        Recipient recipient = RetainedFor(record, run.Subscription);
        if (put > run.Began && recipient.Qos != MqttQos.AtMostOnce)
        {
            // This message replaced the message that was retained when the subscription was made [MQTT-3.3.1-5]. The session gets it with
            // QoS 1 or 2, so the relay delivers it. A newer QoS 0 message must be sent here if it was published while the client was
            // disconnected, because the relay does not deliver it.
            return true;
        }

        ushort id = 0;
        if (recipient.Qos != MqttQos.AtMostOnce && !_subscriber.Window.TryTakeId(_quota, out id))
        {
            return false;
        }

        isFull = !TryWrite(record, recipient, id, isDuplicate: false, output, out bool isWritten);
        if (isWritten && id != 0)
        {
            _subscriber.Window.Add(new OutEntry(id, recipient.Qos, OutState.Sent, RelayPlace.Nothing, [run.Subscription], topic));
        }

        TrimFrame();
        return !isFull;
    }

    /// <summary>
    /// Resends an in-flight retained message: sends the message that its topic retains now, which may be newer, with the same packet
    /// identifier. A client that received the older message recognizes the identifier and ignores the duplicate. A client that did not
    /// receive the older message gets the newer message twice, here and from the relay, rather than never.
    /// </summary>
    private bool TrySendRetainedAgain(byte[] topic, in OutEntry entry, OutputBuffer output, out bool isFull)
    {
        isFull = false;
        if (_serving.Retained is not { } store || !store.TryGet(topic, long.MaxValue, ref _frame, out int length, out _)
            || !_terms.Access.MayRead(topic))
        {
            return false;
        }

        PublishedRecord.View record = PublishedRecord.View.Of(_frame.AsSpan(0, length));
        Recipient recipient = RetainedFor(record, entry.Subscriptions[0]) with { Qos = entry.Qos };
        isFull = !TryWrite(record, recipient, entry.Id, isDuplicate: true, output, out bool isWritten);
        TrimFrame();
        return isWritten;
    }

    /// <summary>Addresses a retained message to one subscription, with RETAIN set.</summary>
    private Recipient RetainedFor(PublishedRecord.View record, Subscription subscription)
    {
        _identifiers = _identifiers.Length == 0 ? new uint[1] : _identifiers;
        _identifiers[0] = subscription.Identifier;
        return new Recipient(true, (MqttQos)Math.Min((byte)subscription.Options.Qos, record.Qos), true,
            subscription.Identifier == 0 ? 0 : 1);
    }

    private void TrimFrame()
    {
        _frame = _frame.Length > KeptBytes ? [] : _frame;
    }
}
