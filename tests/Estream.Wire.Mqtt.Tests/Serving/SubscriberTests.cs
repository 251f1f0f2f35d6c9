using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>The messages of the relay that a session needs while its client is disconnected.</summary>
public class SubscriberTests
{
    [Theory]
    [InlineData(MqttQos.AtMostOnce, false)]
    [InlineData(MqttQos.AtLeastOnce, true)]
    public void Detach_keeps_pending_messages_only_for_QoS_1_and_2_subscriptions(MqttQos qos, bool isKept)
    {
        using TestRelay relay = new();
        Subscriber subscriber = relay.Subscribe("a", qos);
        subscriber.Attach(new Doorbell(), retained: null);
        long position = relay.Append("a");
        Assert.Equal(position, subscriber.OldestNeeded);

        subscriber.Detach();

        Assert.Equal(isKept ? position : RelayPlace.Nothing, subscriber.OldestNeeded);
    }

    [Theory]
    [InlineData(MqttQos.AtMostOnce, 0)]
    [InlineData(MqttQos.AtLeastOnce, 1)]
    public void EndBehind_ends_a_session_only_with_QoS_1_and_2_subscriptions(MqttQos qos, int expected)
    {
        using TestRelay relay = new();
        EndpointSessions sessions = new(maxSessions: 10, maxPerUser: int.MaxValue);
        Assert.Equal(AttachStatus.Attached,
            sessions.Attach("client", user: null, owner: null!, cleanStart: false, now: 0, out EndpointSession? session, out _, out _));
        session!.Subscriber = relay.Subscribe("a", qos);

        // The publisher that offers the message saw the client just before the client disconnected.
        session.Subscriber.Place.Offer(relay.Append("a"));

        Assert.Equal(RelayPlace.Nothing, sessions.EndBehind(relay.Queue.Next(), [], out int ended));
        Assert.Equal((expected, 1 - expected), (ended, sessions.Count));
    }
}
