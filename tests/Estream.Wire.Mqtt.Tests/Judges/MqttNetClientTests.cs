using System.Globalization;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>Clients of MQTTnet, an independent implementation, publish to the endpoint and subscribe to it with MQTT 5 and 3.1.1.</summary>
public class MqttNetClientTests
{
    private const string End = "end";
    private const string Topic = Samples.Topic;
    private const int Many = 100;

    [Theory]
    [InlineData(MqttProtocolVersion.V500, 0)]
    [InlineData(MqttProtocolVersion.V500, 1)]
    [InlineData(MqttProtocolVersion.V500, 2)]
    [InlineData(MqttProtocolVersion.V311, 0)]
    [InlineData(MqttProtocolVersion.V311, 1)]
    [InlineData(MqttProtocolVersion.V311, 2)]
    public async Task Every_message_is_stored_and_delivered_once_and_in_order(MqttProtocolVersion version, int qos)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty subscriber = await MqttNetParty.ConnectAsync(endpoint.Port, "subscriber", version);
        await subscriber.SubscribeAsync("devices/+/telemetry", qos);
        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(endpoint.Port, "publisher", version);

        for (int number = 0; number < Many; number++)
        {
            await publisher.PublishAsync(Topic, Reading(number), qos);
        }

        subscriber.AwaitSeen(Many);
        Assert.Equal(Enumerable.Range(0, Many).Select(Reading), subscriber.Payloads);
        Assert.All(subscriber.Seen, message => Assert.Equal((Topic, qos), (message.Topic, (int)message.QualityOfServiceLevel)));

        // The endpoint sends a message to its subscribers before it stores the message.
        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count >= Many, "the messages are stored");
        Assert.Equal(Enumerable.Range(0, Many).Select(Stored), endpoint.Queues.ReadTelemetry());
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task Message_arrives_with_the_lower_of_published_and_granted_QoS(MqttProtocolVersion version)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty subscriber = await MqttNetParty.ConnectAsync(endpoint.Port, "subscriber", version);
        await subscriber.SubscribeAsync("q/#", 1);
        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(endpoint.Port, "publisher", version);

        foreach (int qos in new[] { 0, 1, 2 })
        {
            await publisher.PublishAsync("q/topic", "x", qos);
        }

        subscriber.AwaitSeen(3);
        Assert.Equal([0, 1, 1], subscriber.Seen.Select(message => (int)message.QualityOfServiceLevel).Order());
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task A_retained_message_reaches_later_subscribers_until_it_is_cleared(MqttProtocolVersion version)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(endpoint.Port, "publisher", version);
        await publisher.PublishAsync("r/1", "older", 1, retain: true);
        await publisher.PublishAsync("r/1", "newer", 1, retain: true);

        await using MqttNetParty later = await MqttNetParty.ConnectAsync(endpoint.Port, "later", version);
        await later.SubscribeAsync("r/#", 1);
        later.AwaitSeen(1);
        await publisher.PublishAsync("r/1", "", 1, retain: true);
        await using MqttNetParty latest = await MqttNetParty.ConnectAsync(endpoint.Port, "latest", version);
        await latest.SubscribeAsync("r/#", 1);
        await publisher.PublishAsync("r/end", End, 1);

        later.AwaitSeen(3);
        latest.AwaitSeen(1);
        Assert.Equal(["newer", "", End], later.Payloads);
        Assert.Equal([true, false, false], later.Seen.Select(message => message.Retain));
        Assert.Equal([End], latest.Payloads);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task A_will_is_published_when_the_connection_is_lost_and_not_after_DISCONNECT(MqttProtocolVersion version)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty watcher = await MqttNetParty.ConnectAsync(endpoint.Port, "watcher", version);
        await watcher.SubscribeAsync("w/#", 2);

        await using MqttNetParty peaceful = await WithWillAsync("peaceful");
        await peaceful.LeaveAsync();
        await using MqttNetParty lost = await WithWillAsync("lost");
        lost.Cut();

        watcher.AwaitSeen(1);
        MqttApplicationMessage will = Assert.Single(watcher.Seen);
        Assert.Equal(("w/lost", "gone", 2), (will.Topic, will.ConvertPayloadToString(), (int)will.QualityOfServiceLevel));

        Task<MqttNetParty> WithWillAsync(string name)
        {
            return MqttNetParty.ConnectAsync(endpoint.Port, name, version, options => options
                .WithWillTopic($"w/{name}").WithWillPayload("gone").WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce));
        }
    }

    [Fact]
    public async Task A_DISCONNECT_with_reason_4_publishes_the_will()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty watcher = await MqttNetParty.ConnectAsync(endpoint.Port, "watcher");
        await watcher.SubscribeAsync("w/#", 1);
        await using MqttNetParty leaving = await MqttNetParty.ConnectAsync(
            endpoint.Port, "leaving", configure: options => options.WithWillTopic("w/leaving").WithWillPayload("gone"));

        await leaving.LeaveAsync(MqttClientDisconnectOptionsReason.DisconnectWithWillMessage);

        watcher.AwaitSeen(1);
        Assert.Equal(["gone"], watcher.Payloads);
    }

    [Fact]
    public async Task Members_of_a_shared_subscription_receive_each_message_once_between_them()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty one = await MqttNetParty.ConnectAsync(endpoint.Port, "one");
        await using MqttNetParty two = await MqttNetParty.ConnectAsync(endpoint.Port, "two");
        await one.SubscribeAsync("$share/workers/jobs/#", 1);
        await two.SubscribeAsync("$share/workers/jobs/#", 1);
        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(endpoint.Port, "publisher");

        for (int number = 0; number < Many; number++)
        {
            await publisher.PublishAsync("jobs/next", Reading(number), 1);
        }

        Eventually.True(() => one.Seen.Count + two.Seen.Count >= Many, "every job is taken");
        Assert.Equal(Enumerable.Range(0, Many).Select(Reading).Order(), one.Payloads.Concat(two.Payloads).Order());
        Assert.NotEmpty(one.Payloads);
        Assert.NotEmpty(two.Payloads);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task Session_keeps_subscriptions_and_messages_of_QoS_1_and_2_for_a_disconnected_client(MqttProtocolVersion version)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using (MqttNetParty first = await MqttNetParty.ResumeAsync(endpoint.Port, "keeper", version))
        {
            Assert.False(first.IsSessionPresent);
            await first.SubscribeAsync("k/#", 2);
        }

        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(endpoint.Port, "publisher", version);
        for (int number = 0; number < Many; number++)
        {
            await publisher.PublishAsync("k/1", Reading(number), 1 + (number % 2));
        }

        await using MqttNetParty again = await MqttNetParty.ResumeAsync(endpoint.Port, "keeper", version);
        Assert.True(again.IsSessionPresent);
        again.AwaitSeen(Many);
        Assert.Equal(Enumerable.Range(0, Many).Select(Reading), again.Payloads);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task Unacknowledged_message_is_resent_as_a_duplicate(MqttProtocolVersion version)
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty first = await MqttNetParty.ResumeAsync(endpoint.Port, "keeper", version);
        first.Acknowledges = false;
        await first.SubscribeAsync("k/#", 1);
        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(endpoint.Port, "publisher", version);
        await publisher.PublishAsync("k/1", "again", 1);
        first.AwaitSeen(1);
        first.Cut();

        await using MqttNetParty second = await MqttNetParty.ResumeAsync(endpoint.Port, "keeper", version);
        second.AwaitSeen(1);
        Eventually.True(() => second.Acknowledgements == 1, "the message is acknowledged");
        await second.LeaveAsync();
        await using MqttNetParty third = await MqttNetParty.ResumeAsync(endpoint.Port, "keeper", version);
        await publisher.PublishAsync("k/1", End, 1);
        third.AwaitSeen(1);

        Assert.Equal([false], first.Seen.Select(message => message.Dup));
        Assert.Equal([("again", true)], second.Seen.Select(message => (message.ConvertPayloadToString(), message.Dup)));
        Assert.Equal([End], third.Payloads);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task A_client_that_only_pings_stays_connected(MqttProtocolVersion version)
    {
        // Two pings take longer than one and a half keep-alive times, after which a silent client is disconnected. A busy machine can delay
        // a ping too long, so there are several attempts.
        const int Attempts = 5;
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        bool isKept = false;
        for (int attempt = 0; attempt < Attempts && !isKept; attempt++)
        {
            endpoint.AwaitConnections(0);
            await using MqttNetParty idle = await MqttNetParty.ConnectAsync(
                endpoint.Port, "idle", version, options => options.WithKeepAlivePeriod(TimeSpan.FromSeconds(4)));
            Eventually.True(() => idle.Pings >= 2 || !idle.IsConnected, "two pings are answered");
            isKept = idle.Pings >= 2 && idle.IsConnected && endpoint.Adapter.Statistics.Connections == 1;
        }

        Assert.True(isKept, "the client was disconnected each time");
    }

    [Fact]
    public async Task Properties_of_MQTT_5_arrive_as_they_were_sent()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync();
        await using MqttNetParty subscriber = await MqttNetParty.ConnectAsync(endpoint.Port, "subscriber");
        await subscriber.SubscribeAsync("p/+", 1, options => options.WithSubscriptionIdentifier(77));
        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(endpoint.Port, "publisher");

        await publisher.PublishAsync("p/all", "x", 1, configure: message => message
            .WithContentType("text/plain").WithResponseTopic("p/answer").WithCorrelationData([0, 1, 255])
            .WithPayloadFormatIndicator(MqttPayloadFormatIndicator.CharacterData)
            .WithUserProperty("one", Encoding.UTF8.GetBytes("1").AsMemory())
            .WithUserProperty("one", Encoding.UTF8.GetBytes("2").AsMemory()));

        subscriber.AwaitSeen(1);
        MqttApplicationMessage seen = Assert.Single(subscriber.Seen);
        Assert.Equal(("text/plain", "p/answer"), (seen.ContentType, seen.ResponseTopic));
        Assert.Equal([0, 1, 255], seen.CorrelationData);
        Assert.Equal(MqttPayloadFormatIndicator.CharacterData, seen.PayloadFormatIndicator);
        Assert.Equal([77u], seen.SubscriptionIdentifiers);
        Assert.Equal(["one=1", "one=2"], seen.UserProperties.Select(property => $"{property.Name}={property.ReadValueAsString()}"));
    }

    private static string Reading(int number)
    {
        return string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":{{number}},"metric_name":"m","value":1}""");
    }

    private static string Stored(int number)
    {
        return Reading(number).Replace("{", """{"device_id":"pump-7",""", StringComparison.Ordinal);
    }
}
