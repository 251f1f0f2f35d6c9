using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests.Serving;

/// <summary>The relay that buffers messages for subscribers: the cost of slow subscribers, and the effect of a full disk.</summary>
public class RelayTests
{
    // The minimum for packets of a megabyte.
    private const int SmallestRelay = 6 << 20;
    private const int LongPayload = 60_000;

    [Fact]
    public async Task Slow_subscriber_delays_no_other_and_misses_no_message()
    {
        const int Count = 300;
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { WriteTimeoutSeconds = 600 });
        using Subscribing slow = endpoint.Connect("slow");
        using Subscribing quick = endpoint.Connect("quick");
        using Subscribing publisher = endpoint.Connect("publisher");
        slow.Subscribe("a", qos: 1);
        quick.Subscribe("a", qos: 1);

        // The payloads take more than the buffers of a socket hold.
        string[] payloads = [.. Enumerable.Range(0, Count).Select(number => $"{number}".PadRight(LongPayload))];
        foreach (string payload in payloads)
        {
            publisher.Publish("a", payload);
            Assert.Equal(payload, quick.TakeAll(1)[0]);
        }

        Assert.Equal(payloads, slow.TakeAll(Count));
    }

    [Fact]
    public async Task Session_beyond_RelayBytes_ends_and_a_connected_client_is_told()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { RelayBytes = SmallestRelay });
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing stuck = endpoint.Resume("stuck", receiveMaximum: 1);
        stuck.Subscribe("a", qos: 1);
        using (Subscribing away = endpoint.Resume("away"))
        {
            away.Subscribe("a", qos: 1);
        }

        endpoint.AwaitConnections(2);
        for (int number = 0; number < 2 * SmallestRelay / LongPayload; number++)
        {
            publisher.Publish("a", $"{number}".PadRight(LongPayload));
        }

        Assert.StartsWith("0 ", stuck.Take().Payload, StringComparison.Ordinal);
        stuck.Raw.ExpectDisconnect(MqttReasonCode.QuotaExceeded);
        Eventually.True(
            () => endpoint.Queues.Events.Any(happened =>
                happened.Kind == AdapterEventKind.Degraded && happened.Detail.Contains("RelayBytes", StringComparison.Ordinal)),
            "the ended sessions are reported");
        endpoint.AwaitConnections(1);
        Eventually.True(() => publisher.Publish("a", "x") == MqttReasonCode.NoMatchingSubscribers, "no subscription is left");
        using Subscribing again = endpoint.Resume("away");
        Assert.False(again.SessionPresent);
    }

    [Fact]
    public async Task Messages_that_every_subscriber_has_are_dropped_from_the_relay()
    {
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(new MqttEndpointOptions { RelayBytes = SmallestRelay });
        using Subscribing publisher = endpoint.Connect("publisher");
        using Subscribing client = endpoint.Connect("client");
        client.Subscribe("a", qos: 1);
        string relay = Path.Combine(endpoint.Queues.Context.Place!.Directory, "relay");

        for (int number = 0; number < 6 * SmallestRelay / LongPayload; number++)
        {
            publisher.Publish("a", $"{number}".PadRight(LongPayload));
            Assert.StartsWith($"{number} ", client.TakeAll(1)[0], StringComparison.Ordinal);
        }

        // A segment is dropped when the next one begins.
        Eventually.True(() => Shrinks(publisher, client, relay), "the relay is smaller than what went through it");
    }

    [Fact]
    public async Task Slow_QoS_0_subscriber_jumps_to_the_newest_message()
    {
        const int Count = 300;
        await using ServingEndpoint endpoint =
            await ServingEndpoint.StartAsync(new MqttEndpointOptions { MaxBehindBytes = 1 << 16, WriteTimeoutSeconds = 600 });
        using Subscribing slow = endpoint.Connect("slow");
        using Subscribing publisher = endpoint.Connect("publisher");
        slow.Raw.Socket.ReceiveBufferSize = 8 * 1024;
        slow.Subscribe("a");
        for (int number = 0; number < Count; number++)
        {
            publisher.Publish("a", $"{number}".PadRight(LongPayload));
        }

        int taken = 0;
        Task reading = Task.Run(() =>
        {
            while (slow.Take().Payload != "newest")
            {
                taken++;
            }
        });
        Eventually.True(() => publisher.Publish("a", "newest") == MqttReasonCode.Success && reading.IsCompleted,
            "the newest message arrives");
        await reading;

        Assert.InRange(taken, 0, Count - 1);
    }

    [Theory]
    [InlineData(true, 200, LongPayload)]
    [InlineData(false, 3_000, 4_000)]
    public async Task Full_disk_stops_reading_and_each_subscriber_gets_each_message_once(bool isOfTheRelay, int count, int longest)
    {
        // First the relay is full and the queue is not, then the reverse: the blanks after the JSON are only in the relay.
        FullStorage disk = new();
        await using ServingEndpoint endpoint = await ServingEndpoint.StartAsync(
            place: isOfTheRelay ? new QueueOptions { Storage = disk } : null,
            queueOptions: isOfTheRelay ? null : new QueueOptions { Storage = disk, SegmentBytes = 64 * 1024 });
        using Subscribing client = endpoint.Connect("client");
        using Subscribing publisher = endpoint.Connect("publisher");
        client.Subscribe("#", qos: 1);
        using (Subscribing away = endpoint.Resume("away"))
        {
            // Holds back all messages in the relay, so that the relay cannot reuse the space of messages that the client already has.
            away.Subscribe("#", qos: 1);
        }

        Task<string[]> taking = Task.Run(() => client.TakeAll(count));
        disk.IsFull = true;

        Task publishing = Task.Run(() =>
        {
            for (int number = 0; number < count; number++)
            {
                publisher.Publish(Topic, Json.PadRight(longest - number));
            }
        });
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the full disk is reported");
        Assert.Contains("No space is left", endpoint.Adapter.Health.Detail, StringComparison.Ordinal);
        Assert.False(publishing.IsCompleted);
        disk.IsFull = false;
        await publishing;

        Assert.Equal(Enumerable.Range(0, count).Select(number => longest - number), (await taking).Select(payload => payload.Length));
        Assert.Equal(count, endpoint.Queues.ReadTelemetry().Count);
        Assert.Equal(HealthState.Healthy, endpoint.Adapter.Health.State);
    }

    [Fact]
    public async Task Relay_of_an_earlier_process_is_emptied_when_no_session_needs_it()
    {
        // A session without expiry has ended with its process, so its messages are for no subscriber.
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("rules"), ServingEndpoint.Everything);
        MqttEndpointOptions options = new() { AclFile = folder.Combine("rules"), RelayBytes = SmallestRelay };
        AdapterPlace place = new(folder.Combine("place"), new QueueOptions());
        for (int life = 0; life < 3; life++)
        {
            using TestQueues queues = new();
            await using MqttEndpoint endpoint =
                new(options with { Port = 0 }, [TestQueues.JsonMapping], queues.Context with { Place = place });
            await endpoint.StartAsync(CancellationToken.None);
            using CancellationTokenSource stop = new();
            Task ingesting = endpoint.Ingest(stop.Token);
            using Subscribing client = new(
                endpoint.LocalEndPoint!.Port, new ConnectRequest { ClientId = "client", CleanStart = false });
            Assert.False(client.SessionPresent);
            client.Subscribe("a", qos: 1);
            client.Raw.Publish("a", $"life {life}");
            Assert.Equal($"life {life}", client.Take().Payload);
            await stop.CancelAsync();
            await ingesting;
        }
    }

    private static bool Shrinks(Subscribing publisher, Subscribing client, string relay)
    {
        publisher.Publish("a", new string('x', LongPayload));
        client.TakeAll(1);
        return Directory.GetFiles(relay, "*.seg").Sum(LengthOf) <= 2 * SmallestRelay;
    }

    /// <summary>Returns the length of a segment; 0 if the endpoint has deleted it since the directory was listed.</summary>
    private static long LengthOf(string segment)
    {
        try
        {
            return new FileInfo(segment).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
