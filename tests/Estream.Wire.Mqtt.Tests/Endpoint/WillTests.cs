using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>Delayed wills: due when the delay has passed or the session ends, whichever comes first [MQTT-3.1.2-8].</summary>
public class WillTests
{
    [Fact]
    public async Task Clean_start_ends_the_session_and_the_will_delay()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        Lose(endpoint, "pump");

        using RawClient back = endpoint.Open();
        back.Connect("pump", cleanStart: true);

        ExpectWill(endpoint, "pump");
    }

    [Fact]
    public async Task Take_over_with_clean_start_ends_the_session_and_the_will_delay()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync();
        using RawClient first = endpoint.Open();
        first.Send(ConnectWithWill("pump", delaySeconds: 50));
        first.Read();

        using RawClient second = endpoint.Open();
        second.Connect("pump", cleanStart: true);

        ExpectWill(endpoint, "pump");
    }

    [Fact]
    public async Task Due_will_is_stored_even_when_its_client_reconnects_before_the_sweep()
    {
        TestClock clock = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(clock: clock);
        Lose(endpoint, "pump");

        clock.Advance(TimeSpan.FromSeconds(51));
        using RawClient back = endpoint.Open();
        back.Connect("pump", cleanStart: false);

        ExpectWill(endpoint, "pump");
    }

    [Fact]
    public async Task Will_of_an_evicted_session_is_published()
    {
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { MaxSessions = 1 });
        Lose(endpoint, "pump");

        using RawClient other = endpoint.Connect("other");

        ExpectWill(endpoint, "pump");
    }

    private static void Lose(TestEndpoint endpoint, string client)
    {
        using (RawClient lost = endpoint.Open())
        {
            lost.Send(ConnectWithWill(client, delaySeconds: 50));
            lost.Read();
        }

        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 0, "the client is gone");
    }

    private static void ExpectWill(TestEndpoint endpoint, string client)
    {
        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count > 0, "the will is stored");
        Assert.Contains($"\"device_id\":\"{client}\"", Assert.Single(endpoint.Queues.ReadTelemetry()), StringComparison.Ordinal);
    }
}
