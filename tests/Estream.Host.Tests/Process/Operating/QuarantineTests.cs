using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a damaged file disables only its queue or map and the parts that need them. The host runs, and its health report names
/// the file.</summary>
[Collection(ProcessCollection.Name)]
public sealed class QuarantineTests
{
    [Fact]
    public async Task A_truncated_segment_quarantines_its_queue_and_the_rest_of_the_host_runs()
    {
        using HostFiles files = new();
        await FillAsync(files, messages: 5_000);
        WriteConfig(files);
        string segment = Directory.GetFiles(Path.Combine(files.Data, "queues", "telemetry"), "*.seg").Order().First();
        byte[] whole = File.ReadAllBytes(segment);
        Truncate(segment, 4096);

        using (HostProcess host = files.Start())
        {
            string health = host.WaitUntilDegraded();
            Assert.Contains("{\"kind\":\"queue\",\"name\":\"telemetry\",\"file\":\"" + segment, health, StringComparison.Ordinal);
            Assert.Contains("{\"kind\":\"map\",\"name\":\"latest\"", health, StringComparison.Ordinal);
            Assert.Contains("{\"kind\":\"adapter\",\"name\":\"others\"", health, StringComparison.Ordinal);
            Assert.Contains("was truncated; restore it from a backup", health, StringComparison.Ordinal);
            await using (AcknowledgedLoad load = new(host.MqttPort, "d", devices: 5, maxMessages: 100))
            {
                await load.Completion;
                Assert.Equal(100, load.Acknowledged);
            }

            Assert.Equal(0, host.Stop().ExitCode);
        }

        File.WriteAllBytes(segment, whole);
        using HostProcess healed = files.Start();
        string end = healed.WaitUntilDegraded();
        Assert.DoesNotContain("quarantined", end, StringComparison.Ordinal);
        Assert.Equal(5_000, files.Count("telemetry"));
        Assert.Equal(100, files.Count("spare"));
    }

    [Theory]
    [InlineData("queue", "telemetry", "queue.meta")]
    [InlineData("queue", "telemetry", "000000000000.seg")]
    [InlineData("map", "latest", "map.meta")]
    public async Task A_file_with_a_damaged_magic_number_quarantines_its_queue_or_map(string kind, string of, string name)
    {
        using HostFiles files = new();
        await FillAsync(files, messages: 10);
        string damaged = Path.Combine(files.Data, kind + "s", of, name);
        using (FileStream file = File.OpenWrite(damaged))
        {
            file.WriteByte(0);
        }

        using HostProcess host = files.Start();
        string health = host.WaitUntilDegraded();
        Assert.Contains($"{{\"kind\":\"{kind}\",\"name\":\"{of}\",\"file\":\"{damaged}", health, StringComparison.Ordinal);
        Assert.Equal(0, host.Stop().ExitCode);
    }

    [Fact]
    public void Damaged_dead_letters_are_moved_away_and_the_host_stores_new_ones()
    {
        using HostFiles files = new();
        using (HostProcess first = files.Start().WaitUntilReady())
        {
            Assert.Equal(0, first.Stop().ExitCode);
        }

        string queue = Path.Combine(files.Data, "queues", "dead-letters");
        Truncate(Directory.GetFiles(queue, "*.seg").Single(), 4096);
        using HostProcess host = files.Start();
        string health = host.WaitUntilDegraded();
        Assert.Contains("\"name\":\"dead-letters\"", health, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"healthy\"", health, StringComparison.Ordinal);
        Assert.True(Directory.Exists(queue + ".damaged-1"));
        Assert.Equal(0, host.Stop().ExitCode);
        using HostProcess next = files.Start().WaitUntilReady();
    }

    [Fact]
    public async Task A_queue_or_map_whose_opening_crashed_the_host_twice_is_skipped_once()
    {
        using HostFiles files = new();
        await FillAsync(files, messages: 10);
        string mark = Path.Combine(files.Data, "run", "opening");
        Assert.False(File.Exists(mark));

        File.WriteAllText(mark, "map latest\n1\n");
        using (HostProcess second = files.Start().WaitUntilReady())
        {
            Assert.Equal(0, second.Stop().ExitCode);
        }

        File.WriteAllText(mark, "map latest\n2\n");
        using (HostProcess third = files.Start())
        {
            string health = third.WaitUntilDegraded();
            Assert.Contains("crashed 2 times in a row", health, StringComparison.Ordinal);
            Assert.Contains("\"state\":\"healthy\"", health, StringComparison.Ordinal);
            Assert.Equal(0, third.Stop().ExitCode);
        }

        using HostProcess fourth = files.Start().WaitUntilReady();
    }

    private static async Task FillAsync(HostFiles files, int messages)
    {
        using HostProcess host = files.Start().WaitUntilReady();
        await using AcknowledgedLoad load = new(host.MqttPort, "d", devices: 10, maxMessages: messages);
        await load.Completion;
        Assert.Equal(0, host.Stop().ExitCode);
    }

    private static void Truncate(string path, long length)
    {
        using FileStream file = File.OpenWrite(path);
        file.SetLength(length);
    }

    // The damaged queue is needed by the map and by one of two adapters.
    private static void WriteConfig(HostFiles files) => File.WriteAllText(files.Config, """
        {"Estream":{
          "Queues":{"telemetry":{"SegmentBytes":262144},"spare":{"SegmentBytes":262144}},
          "Maps":{"latest":{"Queue":"telemetry","Schema":"IoTTelemetry","Key":"device_id"}},
          "Adapters":{
            "devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"spare"}]},
            "others":{"Type":"mqtt-client","Broker":{"Host":"127.0.0.1","Port":1},
              "Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
        """);
}
