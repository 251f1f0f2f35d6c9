using Estream.Queue;

namespace Estream.Wire.Mqtt.Internal.Serving;

// What comes by shared subscriptions.
internal sealed partial class Delivery
{
    /// <summary>Takes what is this member's turn of each group.</summary>
    private void SendShared(QueueTailer tailer, OutputBuffer output, SharedSubscription[] shared)
    {
        foreach (SharedSubscription part in shared)
        {
            part.Group.Give(_subscriber, tailer, (in QueueMessage message, SharedSubscription own) => Take(message, own, output));
        }
    }

    /// <summary>A message of a group is for this client, if it has room. Called within the lock of the group.</summary>
    private ShareTaking Take(in QueueMessage message, SharedSubscription shared, OutputBuffer output)
    {
        PublishedRecord.View record = PublishedRecord.View.Of(message.Payload);

        // At the QoS this member was granted [MQTT-4.8.2-3].
        Recipient recipient = Match(record, message.Position, shared.Alone);

        // What waited for the group was promised to it, also where this member gets it at QoS 0; what is sent once and never again was not.
        bool isForNow = record.Qos != (byte)MqttQos.AtMostOnce || message.Position >= _attachedAt;
        if (!recipient.IsAny || !isForNow || IsExpired(record))
        {
            return ShareTaking.Done;
        }

        ushort id = 0;
        if (recipient.Qos != MqttQos.AtMostOnce && !_subscriber.Window.TryTakeId(_quota, out id))
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
