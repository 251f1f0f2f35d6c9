using Estream.Core;
using Estream.Queue;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A running endpoint on a free loopback port, with its queues.</summary>
internal sealed class TestEndpoint : IAsyncDisposable
{
    private const int LongestWriteTimeout = 3_600;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _ingest;

    private TestEndpoint(TestQueues queues, MqttEndpoint endpoint)
    {
        Queues = queues;
        Adapter = endpoint;
        _ingest = endpoint.Ingest(_stop.Token);
    }

    public TestQueues Queues { get; }

    public MqttEndpoint Adapter { get; }

    public int Port => Adapter.LocalEndPoint!.Port;

    public static Task<TestEndpoint> StartAsync(
        MqttEndpointOptions? options = null, IClock? clock = null, QueueOptions? queueOptions = null, string name = "devices",
        params TopicMapping[] mappings)
    {
        return StartAsync(options, new TestQueues(queueOptions, clock, name), mappings);
    }

    /// <summary>The queues are disposed with the endpoint.</summary>
    public static async Task<TestEndpoint> StartAsync(MqttEndpointOptions? options, TestQueues queues, params TopicMapping[] mappings)
    {
        MqttEndpointOptions used = (options ?? new MqttEndpointOptions()) with { Port = 0 };

        // The endpoint can be delayed between a write and the note that it is complete. If a test advances its clock meanwhile, the write
        // would exceed the default limit.
        used = queues.Context.Clock is TestClock ? used with { WriteTimeoutSeconds = LongestWriteTimeout } : used;
        MqttEndpoint endpoint = new(used, mappings.Length > 0 ? mappings : [TestQueues.JsonMapping], queues.Context);
        await endpoint.StartAsync(CancellationToken.None);
        return new TestEndpoint(queues, endpoint);
    }

    public RawClient Open()
    {
        return new RawClient(Port);
    }

    /// <summary>Connects a client and reads its CONNACK.</summary>
    public RawClient Connect(string clientId = "tester")
    {
        RawClient client = Open();
        client.Connect(clientId);
        return client;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _ingest;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Adapter.DisposeAsync();
        Queues.Dispose();
        _stop.Dispose();
    }
}
