using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: the memory of a long-running host does not grow. Method: steady QoS 1 load, devices that reconnect, and an operator who reads
/// every page, for one minute (ten with the full counts). The memory of the process without mapped files is compared between the second and
/// the last quarter of the time.
/// </summary>
[Collection(LongProcessCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    private static readonly string[] s_pages =
        ["/health", "/metrics", "/api/overview", "/api/queues/telemetry/messages?last=50", "/api/maps/latest?limit=200"];

    [Fact]
    public async Task Steady_load_with_reconnecting_devices_keeps_memory_bounded_and_loses_no_message()
    {
        TimeSpan duration = LongRun.Duration(TimeSpan.FromSeconds(25), TimeSpan.FromMinutes(10));
        using HostFiles files = new(segmentBytes: 8 << 20);
        using HostProcess host = HostProcess.Start(files.Data, configFile: files.Config, environment: FlatMemory.Environment)
            .WaitUntilReady();
        await using AcknowledgedLoad load = new(host.MqttPort, "steady", devices: 200, messagesPerSecond: 15_000);

        // With shorter rounds, the requests would exceed the rate limit of the host.
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(250));
        FlatMemory memory = new(host.Process.Id);
        DateTime end = DateTime.UtcNow + duration;
        while (DateTime.UtcNow < end)
        {
            Assert.False(load.Completion.IsCompleted, "the load broke off");
            await ComeAndGoAsync(host.MqttPort);
            foreach (string page in s_pages)
            {
                Assert.NotEmpty(host.Get(page));
            }

            memory.Sample();
            await pace.WaitForNextTickAsync();
        }

        await load.StopAsync();
        Assert.Equal(0, host.Stop().ExitCode);
        using QueueReplay replay = new QueueReplay(files.Data).Advance();
        load.AssertStored(replay);
        replay.AssertMapEquals(files.Data);

        Assert.True(load.Acknowledged > 10_000, "there was no load to speak of");
        output.WriteLine($"{load.Acknowledged} messages acknowledged, {memory.AssertFlat()}");
    }

    private static async Task ComeAndGoAsync(int port)
    {
        await using AcknowledgedLoad visit = new(port, "visitor", devices: 5, maxMessages: 50);
        await visit.Completion;
        Assert.Equal(50, visit.Acknowledged);
    }
}
