using System.Globalization;
using Estream.Testing;
using Xunit.Abstractions;

namespace Estream.Host.Tests.Process;

/// <summary>
/// Goal: a host that runs for long does not grow. Method: steady QoS 1 load, devices that come and go, and an operator
/// who looks at every page, for a minute (ten with the full counts); the process's own memory, mapped files left out, is
/// compared between the second quarter of the time and the last.
/// </summary>
[Collection(ProcessCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    // What the garbage collector may hold more or less of from one moment to the next; a leak of 30 bytes a message
    // is more than this in a minute's load.
    private const long ToleratedGrowthKiB = 24 * 1024;

    private static readonly string[] s_pages =
        ["/health", "/metrics", "/api/overview", "/api/queues/telemetry/messages?last=50", "/api/maps/latest?limit=200"];

    // The youngest generation is as large as the processor's last cache by default. Where that is a hundred megabytes, a minute of answers to operators fits in it, and looks like a leak.
    private static readonly Dictionary<string, string?> s_collectsOften = new() { ["DOTNET_GCgen0size"] = "1000000" };

    [Fact]
    public async Task Steady_load_and_devices_that_come_and_go_leave_memory_flat_and_lose_nothing()
    {
        TimeSpan duration = LongRun.Duration(TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(10));
        using HostFiles files = new(segmentBytes: 8 << 20);
        using HostProcess host = HostProcess.Start(files.Data, configFile: files.Config, environment: s_collectsOften).WaitUntilReady();
        await using AcknowledgedLoad load = new(host.MqttPort, "steady", devices: 200, messagesPerSecond: 15_000);

        // The host refuses an operator who looks much more often than this.
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(250));
        List<long> samples = [];
        DateTime end = DateTime.UtcNow + duration;
        while (DateTime.UtcNow < end)
        {
            Assert.False(load.Completion.IsCompleted, "the load broke off");
            await ComeAndGoAsync(host.MqttPort);
            foreach (string page in s_pages)
            {
                Assert.NotEmpty(host.Get(page));
            }

            samples.Add(AnonymousMemoryKiB(host.Process.Id));
            await pace.WaitForNextTickAsync();
        }

        await load.StopAsync();
        Assert.Equal(0, host.Stop().ExitCode);
        using QueueReplay replay = new QueueReplay(files.Data).Advance();
        load.AssertStored(replay);
        replay.AssertMapEquals(files.Data);

        int quarter = samples.Count / 4;
        long early = Median(samples.Skip(quarter).Take(quarter));
        long late = Median(samples.Skip(3 * quarter));
        output.WriteLine($"{load.Acknowledged} messages acknowledged, {samples.Count} rounds; {early} KiB in the second quarter, {late} KiB in the last");
        Assert.True(load.Acknowledged > 10_000, "there was no load to speak of");
        Assert.True(late - early < ToleratedGrowthKiB, $"the host grew from {early} to {late} KiB: {string.Join(", ", samples)}");
    }

    private static async Task ComeAndGoAsync(int port)
    {
        await using AcknowledgedLoad visit = new(port, "visitor", devices: 5, maxMessages: 50);
        await visit.Completion;
        Assert.Equal(50, visit.Acknowledged);
    }

    private static long Median(IEnumerable<long> values)
    {
        long[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static long AnonymousMemoryKiB(int processId)
    {
        const string Key = "RssAnon:";
        string line = File.ReadLines($"/proc/{processId}/status").Single(l => l.StartsWith(Key, StringComparison.Ordinal));
        return long.Parse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
