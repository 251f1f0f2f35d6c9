using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>A group without an endpoint; <see cref="SharedSubscriptionTests"/> covers groups with clients.</summary>
public class ShareGroupTests
{
    [Fact]
    public void GiveUpBefore_drops_earlier_messages_and_delivers_later_ones()
    {
        using TestRelay relay = new();
        Subscriber member = relay.Subscribe("$share/g/a", MqttQos.AtLeastOnce);
        long[] positions = [.. Enumerable.Range(0, 10).Select(_ => relay.Append("a"))];

        Assert.Equal(positions[4], relay.Groups.GiveUpBefore(positions[4], out int given));

        Assert.Equal(1, given);
        Assert.Equal(positions[4..], TakeAll(relay, member));
    }

    [Fact]
    public void Message_published_after_GiveUpBefore_has_dropped_all_is_delivered()
    {
        using TestRelay relay = new();
        Subscriber member = relay.Subscribe("$share/g/a", MqttQos.AtLeastOnce);
        relay.Append("a");

        Assert.Equal(RelayPlace.Nothing, relay.Groups.GiveUpBefore(relay.Append("a") + 1, out _));
        Assert.Equal(RelayPlace.Nothing, relay.Groups.GiveUpBefore(relay.Queue.Next(), out int given));

        Assert.Equal(0, given);
        Assert.Equal([relay.Append("a")], TakeAll(relay, member));
    }

    [Fact]
    public async Task Ring_does_not_wait_for_a_member_in_Give_and_its_notification_is_not_lost()
    {
        using TestRelay relay = new();
        Subscriber member = relay.Subscribe("$share/g/a", MqttQos.AtLeastOnce);
        SharedSubscriptionGroup group = member.Shared[0].Group;
        Doorbell doorbell = new();
        member.Attach(doorbell, retained: null);
        await doorbell.WaitAsync(CancellationToken.None);
        relay.Append("a");

        QueueTailer tailer = relay.Queue.Tailers.Rent();
        group.Give(member, tailer, (in QueueMessage _, SharedSubscription _) =>
        {
            Task ringing = Task.Run(group.Ring);
            Eventually.True(() => ringing.IsCompleted, "the publisher continues");
            return ShareTaking.Done;
        });
        relay.Queue.Tailers.Return(tailer);

        Task heard = doorbell.WaitAsync(CancellationToken.None).AsTask();
        Eventually.True(() => heard.IsCompleted, "the member checks again");
        await heard;
    }

    private static List<long> TakeAll(TestRelay relay, Subscriber member)
    {
        List<long> taken = [];
        QueueTailer tailer = relay.Queue.Tailers.Rent();
        member.Shared[0].Group.Give(member, tailer, (in QueueMessage message, SharedSubscription _) =>
        {
            taken.Add(message.Position);
            return ShareTaking.Done;
        });
        relay.Queue.Tailers.Return(tailer);
        return taken;
    }
}
