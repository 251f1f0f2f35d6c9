using System.Buffers;
using System.Text;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Client;

/// <summary>Unexpected exceptions in code that runs concurrently with the read loop end the connection, and the next connection
/// continues.</summary>
public class ClientFaultTests
{
    [Fact]
    public async Task Failure_while_sending_closes_the_connection_and_the_next_one_sends_each_message_once()
    {
        BrokenClock clock = new();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] }, queues);
        Task<EmitStatus>[] emitting;
        using (RawClient first = server.Accept())
        {
            await WaitUntilThisThreadWritesAsync(client, first);
            clock.FailHere();

            // The first message fails when it is written. The second message arrives while no caller can send any more.
            emitting = [Emit(client, "1"), EmitWhenConnected(client, "2")];
            Assert.True(clock.HasFailed);
            first.ExpectClosed();
        }

        using RawClient second = server.Accept(isSessionPresent: true);
        for (int number = 0; number < emitting.Length; number++)
        {
            RawPacket packet = second.Read();
            Assert.False(emitting[number].IsCompleted);
            second.Send([0x40, 2, .. packet.Body[3..5]]);
        }

        Assert.All(await Task.WhenAll(emitting), status => Assert.Equal(EmitStatus.Ok, status));
        AssertFaultWasSaid(queues);
        Assert.Equal((3, 1), (client.Adapter.Statistics.EmittedTotal, client.Adapter.Statistics.ReconnectsTotal));
    }

    [Fact]
    public async Task Emit_completes_once_when_the_broker_has_lost_the_session_after_a_failure()
    {
        BrokenClock clock = new();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);
        await using TestClient client = await TestClient.StartAsync(TestClient.Options(server.Port) with { Subscriptions = [] }, queues);
        Task<EmitStatus> emitting;
        using (RawClient first = server.Accept())
        {
            await WaitUntilThisThreadWritesAsync(client, first);
            clock.FailHere();
            emitting = Emit(client, "1");
            first.ExpectClosed();
        }

        using RawClient second = server.Accept();

        Assert.Equal(EmitCode.NotConnected, (await emitting).Code);
        AssertFaultWasSaid(queues);
        Assert.Equal(1, client.Adapter.Statistics.EmittedTotal);
    }

    [Fact]
    public async Task Failure_of_the_watch_task_closes_the_connection()
    {
        // Only the watch task reads the clock while nothing is sent; without the task a dead connection would be kept.
        BrokenClock clock = new();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);

        // The keep-alive is long, because the test server does not answer a PINGREQ.
        MqttClientOptions options = TestClient.Options(server.Port) with { Subscriptions = [], KeepAliveSeconds = 600 };
        await using TestClient client = await TestClient.StartAsync(options, queues);
        using RawClient first = server.Accept();
        client.WaitUntilHealthy();
        clock.FailOnce();

        // The first connection is still open: the client closes it.
        using RawClient second = server.Accept();

        AssertFaultWasSaid(queues);
    }

    [Fact]
    public async Task Client_disconnects_from_a_broker_that_sends_a_packet_byte_by_byte()
    {
        TestClock clock = new();
        using RawServer server = new();
        using TestQueues queues = new(clock: clock);
        MqttClientOptions options = TestClient.Options(server.Port) with { Subscriptions = [], KeepAliveSeconds = 600 };
        await using TestClient client = await TestClient.StartAsync(options, queues);
        using RawClient first = server.Accept();
        client.WaitUntilHealthy();

        // A PINGREQ per half keep-alive shows that the watch has run; none is answered.
        first.Send(0x30, 0x80, 0x40);
        for (int number = 0; number < 2; number++)
        {
            clock.Advance(TimeSpan.FromSeconds(301));
            first.Send(0);
            Assert.Equal(PacketType.PingReq, first.Read().Type);
        }

        clock.Advance(TimeSpan.FromSeconds(301));
        Eventually.True(() => queues.Events.Any(happened => happened.Detail.Contains("no complete packet", StringComparison.Ordinal)),
            "the client has closed the connection");
    }

    // A client is healthy just before it lets callers write. Until then, another thread writes the message of a caller.
    private static async Task WaitUntilThisThreadWritesAsync(TestClient client, RawClient broker)
    {
        client.WaitUntilHealthy();
        Assert.Equal(EmitStatus.Ok, await Emit(client, "0", quality: 0));
        Assert.Equal(PacketType.Publish, broker.Read().Type);
    }

    private static void AssertFaultWasSaid(TestQueues queues)
    {
        Assert.Single(
            queues.Events,
            happened => happened.Kind == AdapterEventKind.ConnectionFailed
                && happened.Detail.Contains(BrokenClock.Message, StringComparison.Ordinal));
    }

    private static async Task<EmitStatus> EmitWhenConnected(TestClient client, string payload)
    {
        EmitStatus status = await Emit(client, payload);
        while (status.Code == EmitCode.NotConnected)
        {
            await Task.Yield();
            status = await Emit(client, payload);
        }

        return status;
    }

    private static Task<EmitStatus> Emit(TestClient client, string payload, int quality = 1)
    {
        EgressMessage message = new() { Quality = quality };
        message.Topic.Write(Encoding.UTF8.GetBytes("a"));
        message.Payload.Write(Encoding.UTF8.GetBytes(payload));
        return client.Adapter.Emit(message, CancellationToken.None).AsTask();
    }
}
