using Estream.Core;
using Estream.Queue;
using Estream.Queue.Tests.Support;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>PUBACK and PUBREC are not sent before the message is as durable as its queue promises.</summary>
public sealed class DurableAcknowledgementTests
{
    private const string Topic = "devices/a/telemetry";
    private const string Payload = """{"timestamp":1,"metric_name":"m","value":1}""";

    public static TheoryData<string, MqttQos> Levels => new()
    {
        { "GroupCommit", MqttQos.AtLeastOnce },
        { "GroupCommit", MqttQos.ExactlyOnce },
        { "Every", MqttQos.AtLeastOnce },
        { "Every", MqttQos.ExactlyOnce },
    };

    [Fact]
    public async Task Failed_flush_closes_the_connection_without_an_acknowledgement()
    {
        FlushStorage disk = new();
        await using TestEndpoint endpoint = await StartAsync(Durability.GroupCommit(), disk);
        using RawClient client = endpoint.Connect();
        disk.Fails = true;

        client.Send(RawClient.Publishing(Topic, Payload, MqttQos.AtLeastOnce, packetId: 1));

        client.ExpectDisconnect(MqttReasonCode.UnspecifiedError);

        // From now on appends are refused and reported: the queue must be recovered.
        using RawClient next = endpoint.Connect();
        next.Send(RawClient.Publishing(Topic, Payload, MqttQos.AtLeastOnce, packetId: 1));
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the failed flush is reported");
        Assert.Contains("may not be durable", endpoint.Adapter.Health.Detail, StringComparison.Ordinal);
        Assert.Equal(0, next.Socket.Available);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public async Task Acknowledged_message_is_durable(string level, MqttQos qos)
    {
        await using TestEndpoint endpoint = await StartAsync(LevelOf(level), new FlushStorage());
        using RawClient client = endpoint.Connect();
        for (ushort id = 1; id <= 20; id++)
        {
            client.Send(RawClient.Publishing(Topic, Payload, qos, id));
            Assert.Equal(MqttReasonCode.Success, client.ExpectAck(AckOf(qos), id));

            Assert.Equal(id, DurableMessages(endpoint.Queues.Telemetry));
        }
    }

    [Fact]
    public async Task Acknowledged_dead_letter_is_durable()
    {
        await using TestEndpoint endpoint = await StartAsync(Durability.GroupCommit(), new FlushStorage());
        using RawClient client = endpoint.Connect();

        client.Send(RawClient.Publishing(Topic, "no JSON", MqttQos.AtLeastOnce, packetId: 1));
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));

        Assert.Equal(1, DurableMessages(endpoint.Queues.DeadLetters));
    }

    [Fact]
    public async Task Queue_with_page_cache_durability_does_not_wait_for_a_flush()
    {
        FlushStorage disk = new();
        await using TestEndpoint endpoint = await StartAsync(Durability.PageCache, disk);
        using RawClient client = endpoint.Connect();
        disk.Fails = true;

        client.Send(RawClient.Publishing(Topic, Payload, MqttQos.AtLeastOnce, packetId: 1));
        Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, 1));

        Assert.Equal(0, endpoint.Queues.Telemetry.DurablePosition);
    }

    private static Task<TestEndpoint> StartAsync(Durability durability, FlushStorage storage)
    {
        return TestEndpoint.StartAsync(
            queueOptions: new QueueOptions { SegmentBytes = 64 * 1024, Storage = storage, IngressDurability = durability });
    }

    private static Durability LevelOf(string level) => level == "Every" ? Durability.Every : Durability.GroupCommit();

    private static PacketType AckOf(MqttQos qos) => qos == MqttQos.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec;

    private static int DurableMessages(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        int count = 0;
        while (tailer.TryRead(out QueueMessage message) && message.Position < queue.DurablePosition)
        {
            count++;
        }

        return count;
    }
}
