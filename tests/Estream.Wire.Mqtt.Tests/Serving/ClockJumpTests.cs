using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>The system clock is set while an endpoint serves: sessions, messages and retained messages keep their remaining
/// lifetime.</summary>
public sealed class ClockJumpTests
{
    private const string Minute = "020000003C";

    public static TheoryData<int> Days => [400, -400, 4_000, -4_000];

    [Theory]
    [MemberData(nameof(Days))]
    public async Task Message_expiry_is_independent_of_clock_changes(int days)
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(clock: clock);
        using Subscribing publisher = endpoint.Connect("publisher");
        using (Subscribing client = endpoint.Resume("client"))
        {
            client.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a", "before", Minute);
        clock.SetOff(TimeSpan.FromDays(days));
        publisher.PublishWith("a", "after", Minute);
        using (Subscribing again = endpoint.Resume("client"))
        {
            foreach (string expected in (string[])["before", "after"])
            {
                Delivered delivered = again.Take();
                Assert.Equal(expected, delivered.Payload);
                Assert.InRange(Convert.ToInt32(delivered.Properties[2..], 16), 1, 60);
                again.Acknowledge(PacketType.PubAck, delivered.PacketId);
            }
        }

        endpoint.AwaitConnections(1);
        publisher.PublishWith("a", "over", Minute);
        clock.SetOff(TimeSpan.FromDays(-days));
        clock.Advance(TimeSpan.FromSeconds(61));
        publisher.PublishWith("a", "for ever", "");
        using Subscribing last = endpoint.Resume("client");
        Assert.Equal("for ever", last.Take().Payload);
    }

    [Theory]
    [MemberData(nameof(Days))]
    public async Task Retained_message_expiry_is_independent_of_clock_changes(int days)
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(clock: clock);
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "a minute", Minute, retain: true);
        clock.SetOff(TimeSpan.FromDays(days));
        using (Subscribing client = endpoint.Connect("client"))
        {
            client.Subscribe("#");
            Delivered delivered = client.Take();
            Assert.Equal("a minute", delivered.Payload);
            Assert.InRange(Convert.ToInt32(delivered.Properties[2..], 16), 1, 60);
        }

        clock.SetOff(TimeSpan.FromDays(-days));
        clock.Advance(TimeSpan.FromSeconds(61));
        publisher.PublishWith("b", "for ever", "", retain: true);
        using Subscribing late = endpoint.Connect("late");
        late.Subscribe("#");
        Assert.Equal("for ever", late.Take().Payload);
    }

    [Theory]
    [MemberData(nameof(Days))]
    public async Task Retained_message_is_removed_when_it_expires_and_not_before(int days)
    {
        TestClock clock = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxRetained = 2 }, clock: clock);
        using Subscribing publisher = endpoint.Connect("publisher");
        publisher.PublishWith("a", "a minute", Minute, retain: true);
        publisher.PublishWith("b", "a second", "0200000001", retain: true);
        clock.SetOff(TimeSpan.FromDays(days));
        clock.Advance(TimeSpan.FromSeconds(2));

        Eventually.True(() => publisher.Retain("c") != MqttReasonCode.QuotaExceeded, "there is capacity for another topic");

        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("#");
        Assert.Equal(["a minute", "x"], client.TakeAll(2));
    }

    [Theory]
    [MemberData(nameof(Days))]
    public async Task Session_expiry_is_limited_across_a_restart_with_a_clock_change(int days)
    {
        TestClock clock = new();
        await using KeptEndpoint endpoint = await KeptEndpoint.StartAsync(clock: clock);
        foreach (string client in (string[])["kept", "ended"])
        {
            using Subscribing subscribing = endpoint.Resume(client, expirySeconds: 1_000);
            subscribing.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(0);
        clock.SetOff(TimeSpan.FromDays(days));
        clock.Advance(TimeSpan.FromSeconds(900));
        using (Subscribing kept = endpoint.Resume("kept", expirySeconds: 1_000))
        {
            Assert.True(kept.SessionPresent);
        }

        endpoint.AwaitConnections(0);
        clock.SetOff(TimeSpan.FromDays(-days));
        clock.Advance(TimeSpan.FromSeconds(200));
        using (Subscribing ended = endpoint.Resume("ended", expirySeconds: 1_000))
        {
            Assert.False(ended.SessionPresent);
        }

        using (Subscribing kept = endpoint.Resume("kept", expirySeconds: 1_000))
        {
            Assert.True(kept.SessionPresent);
        }

        // Setting the clock back between two processes must not extend any lifetime.
        endpoint.AwaitConnections(0);
        clock.SetOff(TimeSpan.FromDays(-2 * Math.Abs(days)));
        await endpoint.RestartAsync();
        clock.Advance(TimeSpan.FromSeconds(1_001));
        using Subscribing after = endpoint.Resume("kept", expirySeconds: 1_000);
        Assert.False(after.SessionPresent);
    }
}
