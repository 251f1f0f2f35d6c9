using System.Buffers;
using System.Globalization;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>The client bridges from a broker of MQTTnet.Server, an independent implementation. Clients of MQTTnet publish to it.</summary>
public class MqttNetBrokerTests
{
    private const int Many = 100;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_QoS_is_stored_once_and_in_order(int qos)
    {
        await using MqttNetBroker broker = await MqttNetBroker.StartAsync();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port, (MqttQos)qos));
        client.WaitUntilHealthy();
        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(broker.Port, "publisher");

        await PublishAsync(publisher, from: 0, qos);

        Eventually.True(() => client.Adapter.Statistics.ReceivedTotal == Many, "every message is received");
        Assert.Equal(Enumerable.Range(0, Many).Select(StoredReading), client.Queues.ReadTelemetry());
        Assert.Equal(0, client.Adapter.Statistics.RejectedTotal);
    }

    [Fact]
    public async Task Messages_published_while_the_client_was_disconnected_arrive_with_the_session()
    {
        await using MqttNetBroker broker = await MqttNetBroker.StartAsync();
        using TestQueues queues = new();
        await using (TestClient first = await TestClient.StartAsync(TestClient.Options(broker.Port), queues))
        {
            first.WaitUntilHealthy();
        }

        await using MqttNetParty publisher = await MqttNetParty.ConnectAsync(broker.Port, "publisher");
        await PublishAsync(publisher, from: 0, qos: 1);
        Assert.Empty(queues.ReadTelemetry());
        await using TestClient second = await TestClient.StartAsync(TestClient.Options(broker.Port), queues);

        Eventually.True(() => queues.ReadTelemetry().Count >= Many, "the messages sent during the absence are stored");
        Assert.Equal(Enumerable.Range(0, Many).Select(StoredReading), queues.ReadTelemetry());
        Assert.Contains(queues.Events, happened => happened.Detail.Contains("kept the session", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Client_subscribes_again_after_a_broker_restart(int qos)
    {
        await using MqttNetBroker broker = await MqttNetBroker.StartAsync();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port, (MqttQos)qos));
        client.WaitUntilHealthy();
        await using (MqttNetParty before = await MqttNetParty.ConnectAsync(broker.Port, "before"))
        {
            await PublishAsync(before, from: 0, qos);
            Eventually.True(() => client.Adapter.Statistics.ReceivedTotal == Many, "the messages before the restart are received");
        }

        await broker.EndAsync();
        Eventually.True(() => client.Adapter.Health.State == HealthState.Unhealthy, "the client notices that the broker is gone");
        await broker.BeginAsync();
        client.WaitUntilHealthy();
        await using MqttNetParty after = await MqttNetParty.ConnectAsync(broker.Port, "after");
        await PublishAsync(after, from: Many, qos);

        Eventually.True(() => client.Queues.ReadTelemetry().Count >= 2 * Many, "the messages after the restart are stored");
        Assert.Equal(Enumerable.Range(0, 2 * Many).Select(StoredReading), client.Queues.ReadTelemetry());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Emitted_message_reaches_a_subscriber_of_the_broker_once(int qos)
    {
        await using MqttNetBroker broker = await MqttNetBroker.StartAsync();
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port) with { Subscriptions = [] });
        client.WaitUntilHealthy();
        await using MqttNetParty subscriber = await MqttNetParty.ConnectAsync(broker.Port, "subscriber");
        await subscriber.SubscribeAsync("out/#", 2);

        for (int number = 0; number < Many; number++)
        {
            EgressMessage outgoing = new() { Quality = qos };
            outgoing.Topic.Write("out/topic"u8);
            outgoing.Payload.Write(Encoding.UTF8.GetBytes(Reading(number)));
            Assert.Equal(EmitStatus.Ok, await client.Adapter.Emit(outgoing, CancellationToken.None));
        }

        subscriber.AwaitSeen(Many);
        Assert.Equal(Enumerable.Range(0, Many).Select(Reading), subscriber.Payloads);
        Assert.All(subscriber.Seen, message => Assert.Equal(qos, (int)message.QualityOfServiceLevel));
    }

    private static async Task PublishAsync(MqttNetParty publisher, int from, int qos)
    {
        for (int number = from; number < from + Many; number++)
        {
            await publisher.PublishAsync(Topic, Reading(number), qos);
        }
    }

    private static string Reading(int number)
    {
        return string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":{{number}},"metric_name":"m","value":1}""");
    }

    private static string StoredReading(int number)
    {
        return Reading(number).Replace("{", """{"device_id":"pump-7",""", StringComparison.Ordinal);
    }
}
