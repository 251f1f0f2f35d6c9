using System.Text.Json;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: a queue that one host publishes is rebuilt by another host, byte for byte, through the crash of either.</summary>
[Collection(ProcessCollection.Name)]
public sealed class MulticastTests
{
    private const int Devices = 3;

    [Fact]
    public async Task A_copy_equals_its_source_after_both_hosts_were_killed()
    {
        using HostFiles source = new();
        using HostFiles copy = new();
        string network = $"\"Unicast\":\"127.0.0.1\",\"Port\":{FreePort.Next()},\"KeyFile\":\"{WriteKey(source)}\"";
        Add(source, "{\"out\":{\"Publish\":\"telemetry\"," + network + "}}");
        Add(copy, "{\"in\":{\"Subscribe\":\"copy\"," + network + "}}");
        int count = 0;
        for (int round = 0; round < 3; round++)
        {
            using HostProcess publisher = source.Start().WaitUntilReady();
            using HostProcess subscriber = copy.Start().WaitUntilReady();
            await using AcknowledgedLoad load = new(publisher.MqttPort, "d", Devices, maxMessages: 300);
            if (round == 1)
            {
                Eventually.True(() => copy.Count("copy") > count, "the copy grows");
                subscriber.Process.Kill();
                using HostProcess again = copy.Start().WaitUntilReady();
                await load.Completion;
                await ArrivesAsync(source, copy);
            }
            else
            {
                await load.Completion;
                await ArrivesAsync(source, copy);
                publisher.Process.Kill();
            }

            count = copy.Count("copy");
        }

        Assert.Equal(900, count);
        Assert.Equal(Messages(source, "telemetry"), Messages(copy, "copy"));
    }

    [Fact]
    public void Health_metrics_and_overview_show_the_sections_and_why_UDP_is_used()
    {
        using HostFiles files = new();
        string network = $"\"Unicast\":\"127.0.0.1\",\"Port\":{FreePort.Next()},\"AllowPlaintext\":true";
        Add(files, $$$"""{"out":{"Publish":"telemetry",{{{network}}}},"in":{"Subscribe":"copy",{{{network}}} }}""");
        using HostProcess host = files.Start().WaitUntilReady();
        Eventually.True(() => States(host).All(state => state == "running"), "publisher and subscriber run");

        JsonElement[] health = [.. Json(host, "/health").GetProperty("multicast").EnumerateArray()];
        Assert.Equal(["in", "out"], health.Select(one => one.GetProperty("name").GetString()));
        Assert.All(health, one => Assert.Equal("udp", one.GetProperty("transport").GetString()));
        Assert.All(health, one => Assert.Contains("interface", one.GetProperty("fallback").GetString()));
        host.Process.WaitForText("Multicast out uses UDP instead of AF_XDP");
        Eventually.True(
            () => host.Get("/metrics").Contains(
                "estream_multicast_receivers{multicast=\"out\",queue=\"telemetry\",role=\"publisher\"} 1", StringComparison.Ordinal),
            "the publisher counts its subscriber");
        Assert.Contains(
            "estream_multicast_running{multicast=\"in\",queue=\"copy\",role=\"subscriber\"} 1", host.Get("/metrics"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_cannot_be_opened_degrades_the_host_and_stops_nothing_else()
    {
        using HostFiles files = new();
        Add(files, """{"out":{"Publish":"telemetry","Group":"239.255.0.9","Interface":"none0","Transport":"udp","AllowPlaintext":true}}""");
        using HostProcess host = files.Start();
        Assert.Contains("none0", host.WaitUntilDegraded(), StringComparison.Ordinal);

        // The overview and the metrics are sampled; the health is not.
        Eventually.True(
            () => host.Get("/api/overview").Contains("\"failing\"", StringComparison.Ordinal)
                && host.Get("/metrics").Contains(
                    "estream_multicast_running{multicast=\"out\",queue=\"telemetry\",role=\"publisher\"} 0", StringComparison.Ordinal),
            "overview and metrics show the failure");
    }

    private static void Add(HostFiles files, string sections) => File.WriteAllText(files.Config,
        File.ReadAllText(files.Config).Replace("{\"Estream\":{", $"{{\"Estream\":{{\"Multicast\":{sections},", StringComparison.Ordinal));

    private static string WriteKey(HostFiles files)
    {
        string path = Path.Combine(Path.GetDirectoryName(files.Config)!, "group.key");
        SecretFiles.Write(path, new string('a', 64));
        return path;
    }

    private static Task ArrivesAsync(HostFiles source, HostFiles copy) => Eventually.TrueAsync(
        () => Task.FromResult(File.Exists(Path.Combine(copy.Data, "queues", "copy", "queue.meta"))
            && copy.Count("copy") == source.Count("telemetry")),
        "the copy has every message");

    private static List<string> Messages(HostFiles files, string queue)
    {
        List<string> messages = [];
        files.Read(queue, (QueueMessage message) =>
            messages.Add($"{message.Sequence} {message.Position} {message.Time} {Convert.ToHexStringLower(message.Payload)}"));
        return messages;
    }

    private static IEnumerable<string?> States(HostProcess host) =>
        Json(host, "/api/overview").GetProperty("multicast").EnumerateArray().Select(one => one.GetProperty("state").GetString());

    private static JsonElement Json(HostProcess host, string path) => JsonDocument.Parse(host.Get(path)).RootElement;
}
