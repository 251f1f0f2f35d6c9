using System.Buffers;
using Estream.Core;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal;
using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Tests.Rig;
using static Estream.Wire.Mqtt.Tests.Rig.Samples;

namespace Estream.Wire.Mqtt.Tests;

public class PacketPumpTests
{
    private static readonly MqttCounters s_counters = new("pump", new AdapterRejections(SystemClock.Instance));

    private static readonly PumpLimits s_limits = new(1024 * 1024, 1_024, 1_024, 32, IsFromServer: false);

    [Fact]
    public void Large_packet_does_not_keep_its_buffer()
    {
        using TestQueues queues = new();
        IngressWriter writer = new(
            new IngressRoutes([TestQueues.JsonMapping], queues.Sinks), queues.Context,
            new AdapterEventLog("pump", queues.Context.Clock, _ => { }));
        using PacketPump pump = new(s_limits, writer, s_counters, (_, _) => default);
        string padded = Json + new string(' ', 500_000);
        byte[] packet = RawClient.Publishing(Topic, padded);

        pump.Process(Segments.Cut(packet, 100_000, 300_000));

        Assert.Equal([Stored], queues.ReadTelemetry());
        Assert.InRange(pump.Scratch.Capacity, 0, 64 * 1024);
    }

    [Fact]
    public async Task Relayed_message_is_stored_even_when_the_retained_limit_is_reached_meanwhile()
    {
        FullStorage disk = new();
        using TestQueues queues = new(new QueueOptions { SegmentBytes = 64 * 1024, Storage = disk });
        using TempDirectory folder = new();
        await File.WriteAllTextAsync(folder.Combine("rules"), ServingEndpoint.Everything);
        MqttEndpointOptions options = new() { AclFile = folder.Combine("rules"), RelayBytes = 6 << 20, MaxRetained = 1 };
        IngressRoutes routes = new([TestQueues.JsonMapping], queues.Sinks);
        using EndpointServing serving = EndpointServing.Open(options, queues.Context, routes)!;
        Assert.True(serving.CreateSubscriber(null).TrySubscribe("#"u8, default, 0, out _));
        using IngressWriter writer = new(routes, queues.Context, new AdapterEventLog("pump", queues.Context.Clock, _ => { }));
        using PacketPump pump = new(s_limits, writer, s_counters, (_, _) => default)
        {
            Publishing = new Publishing(serving, [], access: null, queues.Context.Clock),
        };
        disk.IsFull = true;
        while (writer.Append(
            new WireMessage(System.Text.Encoding.UTF8.GetBytes(Topic), System.Text.Encoding.UTF8.GetBytes(Json))) == IngressStatus.Stored)
        {
        }

        byte[] retained = RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, 1);
        retained[0] |= 1;
        pump.Process(new ReadOnlySequence<byte>(retained));
        Assert.Equal(PumpPause.Blocked, pump.Pause);
        long relayed = serving.Relay.Newest;

        // Another client uses the rest of the quota.
        Assert.True(serving.Retained!.TryPut(new RelayMessage { Topic = System.Text.Encoding.UTF8.GetBytes(Topic) }, user: null));
        Assert.True(serving.Retained.TryPut(new RelayMessage { Topic = "another"u8, Payload = "x"u8 }, user: null));
        disk.IsFull = false;
        Eventually.True(() => IsDone(pump, retained), "there is capacity again");

        Assert.Equal([0x40, 2, 0, 1], pump.Acks.Written.ToArray());
        Assert.Equal(relayed, serving.Relay.Newest);
        pump.Flushed();
        Assert.True(IsDone(pump, RawClient.Publishing(Topic, Json, MqttQos.AtLeastOnce, 2)));
        Assert.True(serving.Relay.Newest > relayed, "subscribers have the next one too");
    }

    private static bool IsDone(PacketPump pump, byte[] packet)
    {
        pump.Process(new ReadOnlySequence<byte>(packet));
        return pump.Pause != PumpPause.Blocked;
    }
}
