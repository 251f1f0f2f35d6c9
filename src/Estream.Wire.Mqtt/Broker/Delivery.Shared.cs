using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

// Delivers messages of shared subscriptions.
internal sealed partial class Delivery
{
    /// <summary>Takes messages from each group while it is this member's turn.</summary>
    private void SendShared(QueueTailer tailer, OutputBuffer output, SharedSubscription[] shared)
    {
        foreach (SharedSubscription part in shared)
        {
            part.Group.Give(_subscriber, tailer, (in QueueMessage message, SharedSubscription own) => Take(message, own, output));
        }
    }

    /// <summary>Sends a message of a group to this client, if it has capacity. Called under the lock of the group.</summary>
    private ShareTaking Take(in QueueMessage message, SharedSubscription shared, OutputBuffer output)
    {
        PublishedRecord.View record = PublishedRecord.View.Of(message.Payload);

        // The message gets the QoS that was granted to this member [MQTT-4.8.2-3].
        Recipient recipient = Match(record, message.Position, shared.Alone);

        // Messages that are older than this connection are sent only if they were published with QoS 1 or 2, even if this member gets them
        // at QoS 0.
        bool isForNow = record.Qos != (byte)MqttQos.AtMostOnce || message.Position >= _attachedAt;
        if (!recipient.IsAny || !isForNow || IsExpired(record))
        {
            return ShareTaking.Done;
        }

        ushort id = 0;
        if (recipient.Qos != MqttQos.AtMostOnce && (_isRetainedWaiting || !_subscriber.Window.TryTakeId(_quota, out id)))
        {
            return ShareTaking.Full;
        }

        if (!TryWrite(record, recipient, id, isDuplicate: false, output, out bool isWritten))
        {
            return ShareTaking.Full;
        }

        if (!isWritten || id == 0)
        {
            return ShareTaking.Done;
        }

        _subscriber.Window.Add(new OutEntry(id, recipient.Qos, OutState.Sent, message.Position, shared.Alone, Group: shared.Group));
        return recipient.Qos == MqttQos.ExactlyOnce ? ShareTaking.UnderWayOnce : ShareTaking.UnderWay;
    }
}
