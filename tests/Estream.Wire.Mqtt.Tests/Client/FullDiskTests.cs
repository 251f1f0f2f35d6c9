using System.Buffers;
using System.Globalization;
using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Peers;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>The disk of a bridge fills up: the bridge stops reading, and the broker keeps unacknowledged messages and resends
/// them.</summary>
public class FullDiskTests
{
    private const int Messages = 3_000;

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Message_that_cannot_be_stored_is_not_acknowledged_and_is_redelivered()
    {
        using MosquittoBroker broker = new("allow_anonymous true\nmax_queued_messages 0");
        FullStorage disk = new();
        TestClock clock = new();
        using TestQueues queues = new(new QueueOptions { SegmentBytes = 64 * 1024, Storage = disk }, clock);
        int stored;
        await using (TestClient blocked =
            await TestClient.StartAsync(TestClient.Options(broker.Port) with { KeepAliveSeconds = 600 }, queues))
        {
            blocked.WaitUntilHealthy();
            disk.IsFull = true;
            await PublishAsync(broker.Port);
            Eventually.True(() => blocked.Adapter.Health.Detail.Contains("No space is left", StringComparison.Ordinal),
                "the full disk is reported");
            Assert.Equal(HealthState.Unhealthy, blocked.Adapter.Health.State);
            Eventually.True(() => queues.Events.Any(happened => happened.Kind == AdapterEventKind.StorageBlocked), "the event is reported");
            stored = queues.ReadTelemetry().Count;
            Assert.InRange(stored, 1, Messages - 1);

            // The client still sends its PINGREQs.
            int pings = Pings(broker);
            int looks = 0;
            Eventually.True(
                () =>
                {
                    // More than half a keep-alive passes about every two seconds.
                    clock.Advance(TimeSpan.FromSeconds(looks++ % 400 == 0 ? 301 : 0));
                    return Pings(broker) > pings + 1;
                },
                "the connection is kept alive");
            Assert.DoesNotContain(queues.Events, happened => happened.Kind == AdapterEventKind.ConnectionFailed);
        }

        disk.IsFull = false;
        await using TestClient next = await TestClient.StartAsync(TestClient.Options(broker.Port), queues);

        Eventually.True(() => queues.ReadTelemetry().Distinct(StringComparer.Ordinal).Count() == Messages, "every message is stored");
        Assert.Equal(Enumerable.Range(0, Messages).Select(Stored), queues.ReadTelemetry().Distinct(StringComparer.Ordinal));
        Assert.True(queues.ReadTelemetry().Count > stored, "all messages were already stored");
        next.WaitUntilHealthy();
    }

    [PeerFact("mosquitto", MosquittoBroker.Package)]
    public async Task Message_flow_resumes_when_there_is_space_again()
    {
        using MosquittoBroker broker = new("allow_anonymous true\nmax_queued_messages 0");
        FullStorage disk = new();
        using TestQueues queues = new(new QueueOptions { SegmentBytes = 64 * 1024, Storage = disk });
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(broker.Port), queues);
        client.WaitUntilHealthy();
        disk.IsFull = true;
        await PublishAsync(broker.Port);
        Eventually.True(() => client.Adapter.Health.State == HealthState.Unhealthy, "the full disk is reported");

        disk.IsFull = false;

        Eventually.True(() => queues.ReadTelemetry().Count == Messages, "every message is stored");
        Assert.Equal(Enumerable.Range(0, Messages).Select(Stored), queues.ReadTelemetry());
        client.WaitUntilHealthy();
        Eventually.True(() => queues.Events.Any(happened => happened.Kind == AdapterEventKind.StorageRecovered), "the event is reported");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_whose_identifier_could_not_be_saved_is_sent_when_there_is_space_again(bool isOnAnotherConnection)
    {
        FullStorage disk = new();
        using RawServer server = new();
        using TestQueues queues = new(place: new QueueOptions { Storage = disk });
        MqttClientOptions options = TestClient.Options(server.Port) with { Subscriptions = [], KeepAliveSeconds = 600 };
        TakeAllRoom(disk, queues.Context.Place!, options);
        await using TestClient client = await TestClient.StartAsync(options, queues);
        using RawClient first = server.Accept(isSessionPresent: true);
        Task<EmitStatus> emitting = EmitInVain(client, disk);
        using RawClient? second = isOnAnotherConnection ? Reconnect(first, server) : null;
        client.WaitUntilHealthy();

        disk.IsFull = false;

        RawPacket packet = (second ?? first).Read();
        Assert.Equal(0x34, packet.First & 0xF6);
        Assert.False(emitting.IsCompleted);
    }

    [Fact]
    public async Task Client_with_unsaved_identifiers_stops_on_a_full_disk()
    {
        FullStorage disk = new();
        using RawServer server = new();
        using TestQueues queues = new(place: new QueueOptions { Storage = disk });
        MqttClientOptions options = TestClient.Options(server.Port) with { Subscriptions = [], KeepAliveSeconds = 600 };
        TakeAllRoom(disk, queues.Context.Place!, options);
        TestClient client = await TestClient.StartAsync(options, queues);
        using RawClient first = server.Accept(isSessionPresent: true);
        Task<EmitStatus> emitting = EmitInVain(client, disk);
        using RawClient second = Reconnect(first, server);

        await client.DisposeAsync();

        Assert.NotEqual(EmitCode.Ok, (await emitting).Code);
    }

    private static Task<EmitStatus> EmitInVain(TestClient client, FullStorage disk)
    {
        client.WaitUntilHealthy();
        int refusals = disk.Refusals;
        EgressMessage message = new() { Quality = 2 };
        message.Topic.Write("a"u8);
        Task<EmitStatus> emitting = client.Adapter.Emit(message, CancellationToken.None).AsTask();
        Eventually.True(() => disk.Refusals > refusals, "the identifier could not be saved");
        return emitting;
    }

    private static RawClient Reconnect(RawClient lost, RawServer server)
    {
        lost.Dispose();
        return server.Accept(isSessionPresent: true);
    }

    // Fills the map in which the client saves its identifiers, with other keys.
    private static void TakeAllRoom(FullStorage disk, AdapterPlace place, MqttClientOptions options)
    {
        const int Most = 1_000_000;
        using ByteMap map = ByteMap.Open(Path.Combine(place.Directory, "session"),
            new ByteMapOptions { Storage = place.Queues.Storage, Clock = place.Queues.Clock });
        map.Put([0], Encoding.UTF8.GetBytes($"{options.Host}:{options.Port} {options.ClientId}"));
        disk.IsFull = true;
        try
        {
            for (int number = 0; number < Most; number++)
            {
                map.Put(BitConverter.GetBytes((long)number), default);
            }

            Assert.Fail("The map takes more than a disk that is full has.");
        }
        catch (EstreamStorageException)
        {
            // The map would have to grow, but the disk is full.
        }
    }

    private static async Task PublishAsync(int port)
    {
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = port,
                Qos = MqttQos.AtLeastOnce,
                Connections = 1,
                Devices = 1,
                DeviceName = _ => "a",
                MaxMessages = Messages,
            },
            (destination, _, sequence) => Encoding.UTF8.GetBytes(
                string.Create(CultureInfo.InvariantCulture, $$"""{"timestamp":{{sequence}},"metric_name":"m","value":1}"""), destination));
        await publisher.RunAsync();
    }

    private static int Pings(MosquittoBroker broker)
    {
        return broker.Log.Split("Received PINGREQ from estream-test").Length - 1;
    }

    private static string Stored(int number)
    {
        return $$"""{"device_id":"a","timestamp":{{number}},"metric_name":"m","value":1}""";
    }
}
