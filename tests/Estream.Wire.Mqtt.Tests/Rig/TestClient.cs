using Estream.Testing;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A running client with its own queues, or with the queues of an earlier client.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly bool _ownsQueues;
    private readonly Task _ingest;

    private TestClient(TestQueues queues, bool ownsQueues, MqttClient client)
    {
        Queues = queues;
        _ownsQueues = ownsQueues;
        Adapter = client;
        _ingest = client.Ingest(_stop.Token);
    }

    public TestQueues Queues { get; }

    public MqttClient Adapter { get; }

    public static MqttClientOptions Options(int port, MqttQos qos = MqttQos.AtLeastOnce)
    {
        return new MqttClientOptions
        {
            Host = "localhost",
            Port = port,
            ClientId = "estream-test",
            Subscriptions = [new MqttSubscription("devices/+/telemetry", qos)],
            ReconnectInitial = TimeSpan.FromMilliseconds(10),
            ReconnectMax = TimeSpan.FromMilliseconds(200),
            ConnectTimeoutSeconds = 60,
            Random = new Random(42),
        };
    }

    public static async Task<TestClient> StartAsync(MqttClientOptions options, TestQueues? queues = null)
    {
        TestQueues used = queues ?? new TestQueues();
        MqttClient client = new(options, [TestQueues.JsonMapping], used.Context);
        await client.StartAsync(CancellationToken.None);
        return new TestClient(used, queues is null, client);
    }

    public void WaitUntilHealthy()
    {
        Eventually.True(() => Adapter.Health.State == HealthState.Healthy, "the client is connected and subscribed");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _ingest;
        await Adapter.DisposeAsync();
        _stop.Dispose();
        if (_ownsQueues)
        {
            Queues.Dispose();
        }
    }
}
