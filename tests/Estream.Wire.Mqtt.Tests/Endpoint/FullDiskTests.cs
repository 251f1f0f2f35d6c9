using System.Net.Sockets;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

/// <summary>A disk fills up under load: devices are not read from, only stored messages are acknowledged, and nothing is lost.</summary>
public class FullDiskTests
{
    private const int Messages = 3_000;

    [Theory]
    [InlineData(MqttQos.AtMostOnce)]
    [InlineData(MqttQos.AtLeastOnce)]
    public async Task Full_disk_stops_reading_and_loses_no_message(MqttQos qos)
    {
        FullStorage disk = new();
        QueueOptions small = new() { SegmentBytes = 64 * 1024, Storage = disk };
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { ReceiveMaximum = ushort.MaxValue }, queueOptions: small);
        using RawClient client = endpoint.Connect();
        disk.IsFull = true;

        Task sending = Task.Run(() => client.Send([.. Enumerable.Range(1, Messages).SelectMany(number => Message(number, qos))]));
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the full disk is reported");
        Assert.Contains("No space is left", endpoint.Adapter.Health.Detail, StringComparison.Ordinal);
        int stored = endpoint.Queues.ReadTelemetry().Count;
        Assert.InRange(stored, 1, Messages - 1);
        if (qos == MqttQos.AtLeastOnce)
        {
            ExpectAcks(client, 1, stored);
            Assert.Equal(0, client.Socket.Available);
        }

        disk.IsFull = false;
        await sending;
        if (qos == MqttQos.AtLeastOnce)
        {
            ExpectAcks(client, stored + 1, Messages);
        }

        Eventually.True(() => endpoint.Queues.ReadTelemetry().Count == Messages, "everything is stored");
        Assert.Equal(HealthState.Healthy, endpoint.Adapter.Health.State);
        Assert.Equal(Enumerable.Range(1, Messages).Select(Stored), endpoint.Queues.ReadTelemetry());
        Assert.Empty(endpoint.Queues.ReadDeadLetters());
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.2-22")]
    public async Task Keep_alive_does_not_expire_while_messages_cannot_be_stored()
    {
        // [MQTT-3.1.2-22] counts the time without a packet from the client. The endpoint does not read while messages cannot be stored, so
        // this time does not count.
        FullStorage disk = new();
        TestClock clock = new();
        QueueOptions small = new() { SegmentBytes = 64 * 1024, Storage = disk };
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { ReceiveMaximum = ushort.MaxValue }, clock, small);
        using RawClient client = endpoint.Open();
        client.Connect(keepAlive: 10);
        disk.IsFull = true;
        client.Send([.. Enumerable.Range(1, 1_000).SelectMany(number => Message(number, MqttQos.AtLeastOnce))]);
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the full disk is reported");
        clock.Advance(TimeSpan.FromSeconds(60));
        disk.IsFull = false;

        ExpectAcks(client, 1, 1_000);
    }

    [Fact]
    public async Task Stop_completes_with_a_full_disk()
    {
        FullStorage disk = new();
        QueueOptions small = new() { SegmentBytes = 64 * 1024, Storage = disk };
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            new MqttEndpointOptions { ReceiveMaximum = ushort.MaxValue }, queueOptions: small);
        using RawClient client = endpoint.Connect();
        disk.IsFull = true;
        client.Send([.. Enumerable.Range(1, 1_000).SelectMany(number => Message(number, MqttQos.AtMostOnce))]);
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the full disk is reported");

        await endpoint.StopAsync();

        client.ExpectDisconnect(MqttReasonCode.ServerShuttingDown);
    }

    [Theory]
    [InlineData("devices/a/telemetry")]
    [InlineData("nowhere")]
    public async Task Free_space_is_noticed_even_when_no_client_sends(string topic)
    {
        // The first topic fills the queue itself, the second topic fills the dead-letter queue.
        FullStorage disk = new();
        QueueOptions small = new() { SegmentBytes = 64 * 1024, Storage = disk };
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(queueOptions: small);
        using RawClient client = endpoint.Connect();
        disk.IsFull = true;
        byte[] message = RawClient.Publishing(topic, """{"timestamp":1,"metric_name":"m","value":1}""");
        client.Send([.. Enumerable.Repeat(message, 2_000).SelectMany(one => one)]);
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the full disk is reported");

        // The same device reconnects and stays silent, so the message is not sent again.
        using RawClient silent = endpoint.Connect();
        Eventually.True(() => endpoint.Adapter.Statistics.Connections == 1, "the first connection is gone");
        Assert.Equal(HealthState.Unhealthy, endpoint.Adapter.Health.State);
        disk.IsFull = false;

        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Healthy, "the free space is noticed");
    }

    [Fact]
    public void Connections_that_wait_for_space_share_one_attempt()
    {
        FullStorage disk = new();
        using TestQueues queues = new(new QueueOptions { SegmentBytes = 64 * 1024, Storage = disk });
        using IngressWriter writer = new(
            new IngressRoutes([TestQueues.JsonMapping], queues.Sinks), queues.Context,
            new AdapterEventLog("x", queues.Context.Clock, _ => { }));
        disk.IsFull = true;
        while (Append() == IngressStatus.Stored)
        {
        }

        int before = disk.Refusals;
        const int Tries = 20_000;
        for (int number = 0; number < Tries; number++)
        {
            Assert.Equal(IngressStatus.Blocked, Append());
        }

        // At most ten attempts per second are made, however long this takes.
        Assert.InRange(disk.Refusals - before, 0, Tries / 100);
        disk.IsFull = false;
        Eventually.True(() => Append() == IngressStatus.Stored, "the message is stored when there is space");

        IngressStatus Append()
        {
            IngressStatus status =
                writer.Append(new WireMessage("devices/a/telemetry"u8, """{"timestamp":1,"metric_name":"m","value":1}"""u8));
            writer.Release();
            return status;
        }
    }

    [Fact]
    public async Task Blocked_sender_is_stopped_by_TCP_and_uses_no_memory()
    {
        // The bound is far more than the buffers of two sockets hold: anything accepted beyond it would be in the process memory.
        const int Bound = 32 * 1024 * 1024;
        FullStorage disk = new();
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(
            queueOptions: new QueueOptions { SegmentBytes = 64 * 1024, Storage = disk });
        using RawClient client = endpoint.Connect();
        disk.IsFull = true;
        byte[] burst = [.. Enumerable.Range(1, 1_000).SelectMany(number => Message(number, MqttQos.AtMostOnce))];
        client.Send(burst);
        Eventually.True(() => endpoint.Adapter.Health.State == HealthState.Unhealthy, "the full disk is reported");
        client.Socket.Blocking = false;

        long accepted = SendUntilFull(client.Socket, burst, Bound);

        Assert.InRange(accepted, 1, Bound - 1);
        Assert.Equal(HealthState.Unhealthy, endpoint.Adapter.Health.State);
    }

    /// <summary>Sends whole bursts until the socket accepts nothing for a while, or has accepted more than allowed.</summary>
    private static long SendUntilFull(Socket socket, byte[] burst, long bound)
    {
        const int QuietRounds = 50;
        long accepted = 0;
        int offset = 0;
        for (int quiet = 0; quiet < QuietRounds && accepted < bound;)
        {
            int sent = socket.Send(burst.AsSpan(offset), SocketFlags.None, out SocketError error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock, $"{error}");
            accepted += Math.Max(0, sent);
            offset = (offset + Math.Max(0, sent)) % burst.Length;
            bool isFull = error == SocketError.WouldBlock;
            quiet = isFull && !socket.Poll(TimeSpan.FromMilliseconds(10), SelectMode.SelectWrite) ? quiet + 1 : 0;
        }

        return accepted;
    }

    private static void ExpectAcks(RawClient client, int first, int last)
    {
        for (int number = first; number <= last; number++)
        {
            Assert.Equal(MqttReasonCode.Success, client.ExpectAck(PacketType.PubAck, (ushort)number));
        }
    }

    private static byte[] Message(int number, MqttQos qos)
    {
        return RawClient.Publishing(
            "devices/a/telemetry", $$"""{"timestamp":{{number}},"metric_name":"m","value":1}""", qos, (ushort)number);
    }

    private static string Stored(int number)
    {
        return $$"""{"device_id":"a","timestamp":{{number}},"metric_name":"m","value":1}""";
    }
}
