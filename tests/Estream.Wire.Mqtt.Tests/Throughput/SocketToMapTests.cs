using Estream.Map;
using Estream.Testing;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Throughput;

/// <summary>Must not run in parallel with other tests, because it counts the allocations of the whole process.</summary>
[CollectionDefinition(nameof(SocketToMapTests), DisableParallelization = true)]
public class SocketToMapTests_Alone;

[Collection(nameof(SocketToMapTests))]
public class SocketToMapTests
{
    private const int MessagesPerBatch = 1_000;

    // Occasional allocations of the runtime: a pool thread, a thread cache.
    private const int RuntimeBytes = 256 * 1024;
    private const int Devices = 100;

    // The warm-up is long enough for the JIT compiler to finish the hot path, and the run long enough to include segment changes.
    private static readonly int s_warmUpBatches = LongRun.Count(300, 1_000);
    private static readonly int s_measuredBatches = LongRun.Count(1_000, 10_000);

    [Theory]
    [InlineData(MqttQos.AtMostOnce, 1)]
    [InlineData(MqttQos.AtMostOnce, Devices)]
    [InlineData(MqttQos.AtLeastOnce, Devices)]
    [InlineData(MqttQos.ExactlyOnce, Devices)]
    public async Task Message_from_socket_to_map_does_not_allocate(MqttQos qos, int devices)
    {
        // Sockets, parser, encoder, queue and fold all run in this process. The sender writes bytes it has encoded before.
        await using TestEndpoint endpoint = await TestEndpoint.StartAsync(new MqttEndpointOptions { ReceiveMaximum = ushort.MaxValue });
        using TempDirectory folder = new();
        using StateMap<Utf8Key64, LatestEntry> map = StateMap.Open<Utf8Key64, LatestEntry>(folder.Combine("latest"));
        MapFold fold = new("latest", endpoint.Queues.Telemetry, TestQueues.Iot, "device_id", new MapSink(map));
        using CancellationTokenSource stop = new();
        Task folding = fold.RunAsync(stop.Token);
        using RawClient client = endpoint.Connect();
        byte[] batch = Batch(qos, devices);
        byte[] answers = new byte[qos == MqttQos.AtMostOnce ? 0 : 4 * MessagesPerBatch];
        byte[] releases = qos == MqttQos.ExactlyOnce ? Releases() : [];
        long sent = 0;

        Send(s_warmUpBatches);
        long enough = RuntimeBytes + (long)(0.1 * s_measuredBatches * MessagesPerBatch);
        long allocated = await Task.Run(() => AllocationMeter.LeastOnAllThreads(enough, () => Send(s_measuredBatches)));

        Assert.True(
            allocated < enough,
            $"{allocated} bytes for {s_measuredBatches * MessagesPerBatch} messages: "
            + $"{allocated / ((double)s_measuredBatches * MessagesPerBatch):0.000} B each");
        Assert.Equal(devices, map.Count);

        // The endpoint counts the messages of a read after they are in the map.
        Eventually.True(() => endpoint.Adapter.Statistics.ReceivedTotal == sent, "every message is counted");
        await stop.CancelAsync();
        await folding;

        void Send(int batches)
        {
            sent += (long)batches * MessagesPerBatch;
            long goal = fold.Applied + ((long)batches * MessagesPerBatch);
            for (int round = 0; round < batches; round++)
            {
                client.SendAll(batch);
                client.ReadExactly(answers);
                if (releases.Length > 0)
                {
                    client.SendAll(releases);
                    client.ReadExactly(answers);
                }
            }

            while (fold.Applied < goal)
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Encodes a PUBREL for each message of a batch.</summary>
    private static byte[] Releases()
    {
        return [.. Enumerable.Range(1, MessagesPerBatch).SelectMany(id => new byte[] { 0x62, 2, (byte)(id >> 8), (byte)id })];
    }

    private static byte[] Batch(MqttQos qos, int devices)
    {
        return
        [
            .. Enumerable.Range(0, MessagesPerBatch).SelectMany(number => RawClient.Publishing(
                $"devices/device-{number % devices:D4}/telemetry",
                $$"""{"timestamp":1763600000000000000,"metric_name":"temperature","value":{{number}}.25,"unit":"C","quality":97}""",
                qos,
                (ushort)(number + 1))),
        ];
    }
}
