using System.Net;
using System.Text.Json;
using Estream.Host.Tests.Metrics;
using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>Goal: REST, events and metrics of a real host show the received messages.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ApiTests
{
    /// <summary>One device for each connection of the load; all send the same number of messages.</summary>
    private const int Devices = 2;
    private const int Messages = 100;

    [Fact]
    public async Task Published_messages_appear_in_every_view()
    {
        using HostFiles files = new();
        using HostProcess host = files.Start().WaitUntilReady();
        using StreamReader events = Events(host);
        await using AcknowledgedLoad load = new(host.MqttPort, "d", Devices, maxMessages: Messages);
        await load.Completion;

        CheckMessages(host);
        CheckMap(host);
        CheckOverview(host);
        CheckMetrics(host);
        await CheckEventsAsync(events).WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_host_without_messages_answers_every_request()
    {
        using HostFiles files = new();
        using HostProcess host = files.Start().WaitUntilReady();

        Assert.Equal("[]", host.Get("/api/queues/telemetry/messages"));
        Assert.Equal("[]", host.Get("/api/queues/dead-letters/messages"));
        Assert.Equal("""{"entries":[],"total":0,"next":null,"owner":"queue","writable":false,"role":"local"}""",
            host.Get("/api/maps/latest"));
        JsonElement overview = Json(host, "/api/overview");
        Assert.Equal(["dead-letters", "telemetry"],
            overview.GetProperty("queues").EnumerateArray().Select(q => q.GetProperty("name").GetString()));
        Assert.Equal(0, overview.GetProperty("maps")[0].GetProperty("entries").GetInt64());
        Assert.Equal("devices", overview.GetProperty("adapters")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_map_with_a_changed_key_is_rebuilt()
    {
        using HostFiles files = new();
        using (HostProcess host = files.Start().WaitUntilReady())
        {
            await using AcknowledgedLoad load = new(host.MqttPort, "d", Devices, maxMessages: Messages);
            await load.Completion;
            Assert.Equal(0, host.Stop().ExitCode);
        }

        File.WriteAllText(files.Config,
            File.ReadAllText(files.Config).Replace("\"Key\":\"device_id\"", "\"Key\":\"timestamp\"", StringComparison.Ordinal));
        using HostProcess again = files.Start().WaitUntilReady();

        // The key of the map is now the timestamp. The load uses the message number as the timestamp, so the map has one entry per number.
        JsonElement map = Json(again, "/api/maps/latest");
        Assert.Equal(Messages / Devices, map.GetProperty("total").GetInt64());
        Assert.Equal("0", map.GetProperty("entries")[0].GetProperty("key").GetString());
    }

    private static void CheckMessages(HostProcess host)
    {
        JsonElement[] last = [.. Json(host, "/api/queues/telemetry/messages?last=2").EnumerateArray()];
        Assert.Equal([Messages - 2, Messages - 1], last.Select(m => m.GetProperty("sequence").GetInt64()));
        Assert.All(last, m => Assert.Equal("IoTTelemetry", m.GetProperty("schema").GetString()));
        JsonElement[] chosen =
            [.. Json(host, "/api/queues/telemetry/messages?last=3&lattice=estream.iot.**&path=/devices/d-1/telemetry").EnumerateArray()];
        Assert.Equal(3, chosen.Length);
        Assert.All(chosen, m => Assert.Equal("/devices/d-1/telemetry", m.GetProperty("address").GetString()));
        Assert.All(last,
            m => Assert.StartsWith("d-", m.GetProperty("message").GetProperty("device_id").GetString(), StringComparison.Ordinal));
    }

    private static void CheckMap(HostProcess host)
    {
        // A request for a key that the map does not have yet would be answered with 404.
        Eventually.True(() =>
        {
            JsonElement[] entries = [.. Json(host, "/api/maps/latest?prefix=d-").GetProperty("entries").EnumerateArray()];
            return entries.Length == Devices && entries.All(
                entry => entry.GetProperty("message").GetProperty("value").GetDouble() == (Messages / Devices) - 1);
        }, "the map has followed");
        Assert.Equal((Messages / Devices) - 1.0,
            Json(host, "/api/maps/latest/d-1").GetProperty("message").GetProperty("value").GetDouble());
        JsonElement listed = Json(host, "/api/maps/latest?prefix=d-&limit=1");
        Assert.Equal(Devices, listed.GetProperty("total").GetInt64());
        Assert.Equal(["d-0"], listed.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("key").GetString()));
        Assert.Equal(0, Json(host, "/api/maps/latest?prefix=x").GetProperty("total").GetInt64());
    }

    private static void CheckOverview(HostProcess host)
    {
        // The host samples queues and maps one after the other, twice a second.
        Eventually.True(() =>
        {
            JsonElement overview = Json(host, "/api/overview");
            JsonElement queue = overview.GetProperty("queues").EnumerateArray()
                .Single(q => q.GetProperty("name").GetString() == "telemetry");
            return queue.GetProperty("messages").GetInt64() == Messages
                && overview.GetProperty("adapters")[0].GetProperty("receivedTotal").GetInt64() == Messages
                && overview.GetProperty("maps")[0].GetProperty("entries").GetInt64() == Devices;
        }, "the overview counts every message and device");
    }

    private static void CheckMetrics(HostProcess host)
    {
        // The map counts a message after it has stored the entry.
        Dictionary<string, double> samples = [];
        Eventually.True(() => (samples = PrometheusGrammar.Parse(host.Get("/metrics")))["estream_fold_applied_total{map=\"latest\"}"]
            == Messages, "the map has counted every message");
        Assert.Equal(1, samples["estream_host_ready"]);
        Assert.Equal(Messages, samples["estream_ingress_messages_total{queue=\"telemetry\"}"]);
        Assert.Equal(Messages, samples["estream_adapter_received_total{adapter=\"devices\"}"]);
        Assert.Equal(0, samples["estream_adapter_state{adapter=\"devices\"}"]);
        Assert.InRange(samples["estream_adapter_bytes_total{adapter=\"devices\"}"], 10.0 * Messages, 1_000.0 * Messages);
        Assert.Equal(Devices, samples["estream_map_entries{map=\"latest\"}"]);
        Assert.Contains("process_resident_memory_bytes", samples.Keys);
    }

    /// <summary>Reads until both kinds of events have arrived; one of them contains the newest message.</summary>
    private static async Task CheckEventsAsync(StreamReader events)
    {
        bool overview = false;
        bool newest = false;
        string name = "";
        while (!(overview && newest))
        {
            string line = await events.ReadLineAsync() ?? throw new InvalidOperationException("the event stream ended");
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line["event: ".Length..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using JsonDocument data = JsonDocument.Parse(line["data: ".Length..]);
                overview |= name == "overview" && data.RootElement.TryGetProperty("uptimeSeconds", out _);
                newest |= name == "messages" && data.RootElement.EnumerateArray()
                    .Any(m => m.GetProperty("sequence").GetInt64() == Messages - 1);
            }
        }
    }

    private static StreamReader Events(HostProcess host)
    {
        HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
        HttpResponseMessage answer =
            client.Send(new HttpRequestMessage(HttpMethod.Get, $"{host.Address}/api/events"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new StreamReader(answer.Content.ReadAsStream());
    }

    private static JsonElement Json(HostProcess host, string path) => JsonDocument.Parse(host.Get(path)).RootElement;
}
