using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Serving;

namespace Estream.Wire.Mqtt.Tests.Serving;

public class OutWindowTests
{
    [Fact]
    public void Acknowledgements_free_slots_of_the_in_flight_window_in_any_order()
    {
        OutWindow window = new(capacity: 10);
        ushort first = Send(window, 100, quota: 3);
        ushort second = Send(window, 200, quota: 3);
        ushort third = Send(window, 300, quota: 3);
        Assert.Equal(new ushort[] { 1, 2, 3 }, new[] { first, second, third });
        Assert.False(window.TryTakeId(3, out _));

        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubAck, new AckPacket(second, MqttReasonCode.Success)));
        Assert.Equal(OutAnswer.Stray, window.Answer(PacketType.PubAck, new AckPacket(second, MqttReasonCode.Success)));
        Assert.Equal(100, window.OldestPosition);
        Assert.Equal(4, Send(window, 400, quota: 3));
        Assert.False(window.TryTakeId(3, out _));
        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubAck, new AckPacket(first, MqttReasonCode.NotAuthorized)));

        Assert.Equal(300, window.OldestPosition);
    }

    [Fact]
    [Trait("Statement", "MQTT-2.2.1-4")]
    public void Identifiers_wrap_around_and_skip_those_in_use()
    {
        OutWindow window = new(capacity: 10);
        Send(window, 100, quota: 10);
        Send(window, 200, quota: 10);
        for (int number = 3; number <= ushort.MaxValue; number++)
        {
            Assert.True(window.TryTakeId(10, out ushort id));
            Assert.Equal(number, id);
        }

        // The next identifier is not 0, which is invalid, and not an identifier of the two messages in flight.
        Assert.Equal(3, Send(window, 300, quota: 10));
    }

    [Fact]
    public void QoS_2_message_is_released_by_PUBREC_and_completed_by_PUBCOMP()
    {
        OutWindow window = new(capacity: 10);
        ushort id = Send(window, 100, quota: 1, MqttQos.ExactlyOnce);

        Assert.Equal(OutAnswer.Stray, window.Answer(PacketType.PubAck, new AckPacket(id, MqttReasonCode.Success)));
        Assert.Equal(OutAnswer.Stray, window.Answer(PacketType.PubComp, new AckPacket(id, MqttReasonCode.Success)));
        Assert.Equal(OutAnswer.Release, window.Answer(PacketType.PubRec, new AckPacket(id, MqttReasonCode.Success)));
        Assert.Equal(OutAnswer.Release, window.Answer(PacketType.PubRec, new AckPacket(id, MqttReasonCode.Success)));
        Assert.False(window.TryTakeId(1, out _));
        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubComp, new AckPacket(id, MqttReasonCode.PacketIdentifierNotFound)));

        Assert.Equal(RelayPlace.Nothing, window.OldestPosition);
        Assert.True(window.TryTakeId(1, out _));
    }

    [Fact]
    public void Refusing_PUBREC_completes_the_message()
    {
        OutWindow window = new(capacity: 10);
        ushort id = Send(window, 100, quota: 1, MqttQos.ExactlyOnce);

        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubRec, new AckPacket(id, MqttReasonCode.UnspecifiedError)));

        Assert.Equal(RelayPlace.Nothing, window.OldestPosition);
    }

    [Fact]
    public void New_connection_resends_incomplete_messages_in_order_within_its_in_flight_window()
    {
        OutWindow window = new(capacity: 10);
        ushort[] ids = [.. Enumerable.Range(0, 5).Select(number => Send(window, number * 100, quota: 10, MqttQos.ExactlyOnce))];
        Assert.Equal(OutAnswer.Release, window.Answer(PacketType.PubRec, new AckPacket(ids[1], MqttReasonCode.Success)));
        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubRec, new AckPacket(ids[2], MqttReasonCode.UnspecifiedError)));

        window.BeginConnection();

        Assert.Equal((ids[0], OutState.Sent), Again(window, quota: 2));
        Assert.Equal((ids[1], OutState.Released), Again(window, quota: 2));
        Assert.False(window.TryPeekAgain(2, out _));
        Assert.False(window.TryTakeId(2, out _));
        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubComp, new AckPacket(ids[1], MqttReasonCode.Success)));
        Assert.Equal((ids[3], OutState.Sent), Again(window, quota: 2));
        window.GiveUp(ids[4]);
        Assert.False(window.TryPeekAgain(9, out _));
        Assert.True(window.TryTakeId(9, out ushort next));
        Assert.Equal(6, next);
    }

    [Fact]
    public void In_flight_messages_never_exceed_the_capacity()
    {
        OutWindow window = new(capacity: 3);
        ushort first = Send(window, 100, quota: 100);
        Send(window, 200, quota: 100);
        ushort last = Send(window, 300, quota: 100);

        Assert.False(window.TryTakeId(100, out _));
        window.Answer(PacketType.PubAck, new AckPacket(last, MqttReasonCode.Success));
        Assert.False(window.TryTakeId(100, out _));
        window.Answer(PacketType.PubAck, new AckPacket(first, MqttReasonCode.Success));
        Assert.True(window.TryTakeId(100, out _));
    }

    [Fact]
    public void OldestPosition_is_the_lowest_position_regardless_of_sending_order()
    {
        // The session's own backlog is older than the messages of a group.
        OutWindow window = new(capacity: 10);
        Send(window, 100, quota: 10);
        ushort given = Send(window, 900, quota: 10);
        ushort next = Send(window, 200, quota: 10);
        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubAck, new AckPacket(1, MqttReasonCode.Success)));

        Assert.Equal(200, window.OldestPosition);
        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubAck, new AckPacket(next, MqttReasonCode.Success)));
        Assert.Equal(900, window.OldestPosition);
        Assert.Equal(OutAnswer.Done, window.Answer(PacketType.PubAck, new AckPacket(given, MqttReasonCode.Success)));
        Assert.Equal(RelayPlace.Nothing, window.OldestPosition);
    }

    private static ushort Send(OutWindow window, long position, int quota, MqttQos qos = MqttQos.AtLeastOnce)
    {
        Assert.True(window.TryTakeId(quota, out ushort id));
        window.Add(new OutEntry(id, qos, OutState.Sent, position, []));
        return id;
    }

    private static (ushort Id, OutState State) Again(OutWindow window, int quota)
    {
        Assert.True(window.TryPeekAgain(quota, out OutEntry entry));
        window.SentAgain(entry.Id);
        return (entry.Id, entry.State);
    }
}
