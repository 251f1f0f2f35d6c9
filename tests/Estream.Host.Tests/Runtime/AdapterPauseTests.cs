using System.Net;
using System.Text;
using System.Text.Json;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Mqtt;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: an operator pauses one adapter; the host says so, and the adapter continues where it was.</summary>
[Collection(ProcessCollection.Name)]
public sealed class AdapterPauseTests
{
    [Fact]
    public async Task A_paused_adapter_is_degraded_stores_nothing_and_resumes_also_after_a_reload()
    {
        int port = FreePort.Next(), other = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(
            port, estream => estream["Adapters"]!["others"] = ReloadRig.Endpoint(other, "telemetry"));
        using HttpClient http = rig.Client;
        await using AcknowledgedLoad load = new(port, "d", devices: 2, messagesPerSecond: 200, reconnect: true);
        Eventually.True(() => load.Acknowledged > 10, "messages are acknowledged");

        await PutAsync(http, "pause");

        AdapterHealth health = rig.View.Health.Adapters.Single(adapter => adapter.Name == "devices");
        Assert.Equal("degraded", health.State);
        Assert.StartsWith("Paused by an operator.", health.Detail, StringComparison.Ordinal);
        Assert.Equal("degraded", rig.View.Health.Status);
        Eventually.True(() => rig.View.Overview.Adapters[0] is { State: "degraded" }, "the overview says so");
        Assert.Equal("healthy", rig.View.Health.Adapters.Single(adapter => adapter.Name == "others").State);
        using (JsonDocument detail = JsonDocument.Parse(await http.GetStringAsync("/api/adapters/devices")))
        {
            Assert.True(detail.RootElement.GetProperty("isPaused").GetBoolean());
            Assert.Equal("operator", detail.RootElement.GetProperty("pauseReasons")[0].GetString());
            Assert.Equal("telemetry", detail.RootElement.GetProperty("queues")[0].GetString());
        }

        // Another adapter of the same queue continues.
        Assert.True(rig.Parts.Sinks.TryGet("telemetry", out IngressSink? sink));
        long stored = sink.Messages;
        await using (AcknowledgedLoad others = new(other, "e", devices: 2, maxMessages: 20))
        {
            await others.Completion;
            Assert.Equal(20, others.Acknowledged);
        }

        Assert.Equal(stored + 20, sink.Messages);
        rig.Change(estream => estream["Adapters"]!["devices"]!["MaxConnections"] = 77);
        Assert.Equal(["adapter devices changed"], (await rig.ReloadAsync()).Changes.Select(change => change.ToString()));
        Assert.Equal("degraded", rig.View.Health.Status);
        Assert.Equal(stored + 20, sink.Messages);

        long acknowledged = load.Acknowledged;
        await PutAsync(http, "resume");
        Eventually.True(() => load.Acknowledged > acknowledged + 10, "messages are acknowledged again");
        Eventually.True(() => rig.View.Health.Status == HealthStatusText.Ready, "the adapter is healthy again");
        Assert.Contains("PUT /api/adapters/{name}/pause", await http.GetStringAsync("/api/audit"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("healthy", "The adapter runs.", "degraded", "Paused by the test.")]
    [InlineData("unhealthy", "Paused by the test.", "degraded", "Paused by the test.")]
    [InlineData("unhealthy", "The port is in use.", "unhealthy", "Paused by the test. The port is in use.")]
    public void A_pause_does_not_hide_the_trouble_of_an_adapter(string own, string detail, string state, string shown)
    {
        Assert.True(Esf.EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out Esf.EsfSchema? schema));
        ManualAckAdapter adapter = new(schema, quality: 0)
        {
            Health = own == "healthy" ? HealthStatus.Healthy(detail) : HealthStatus.Unhealthy(detail),
        };
        AdapterRuntime runtime = new(
            new AdapterPlan("held", null!), adapter, null, _ => { }, new ManualClock(),
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        runtime.Pauses.Pause(
            PauseReason.Operator, new Estream.Core.EstreamStorageException("Paused by the test.", null, Estream.Core.StorageFailure.Other));

        Assert.Equal((state, shown, true), (runtime.Health.State, runtime.Health.Detail, runtime.Overview.IsPaused));
    }

    [Fact]
    public async Task The_page_of_an_adapter_shows_its_clients_what_it_refused_and_where_the_dead_letter_is()
    {
        int port = FreePort.Next();
        await using ReloadRig rig = await ReloadRig.StartAsync(port);
        using HttpClient http = rig.Client;
        await using AcknowledgedLoad load = new(port, "d", devices: 2, messagesPerSecond: 1);
        MqttPublisher publisher = new(
            new MqttPublisherOptions
            {
                Port = port, Qos = MqttQos.AtLeastOnce, Connections = 1, Devices = 1, DeviceName = _ => "pump-7", MaxMessages = 3,
            },
            static (destination, _, sequence) => Encoding.UTF8.GetBytes(sequence == 2 ? "{}" : "nonsense", destination));
        await publisher.RunAsync();

        using JsonDocument detail = JsonDocument.Parse(await http.GetStringAsync("/api/adapters/devices"));

        JsonElement[] rejections = [.. detail.RootElement.GetProperty("rejections").EnumerateArray()];
        Assert.Equal([1, 2], rejections.Select(one => one.GetProperty("count").GetInt32()));
        Assert.Equal([2, 1], rejections.Select(one => one.GetProperty("lastSequence").GetInt32()));
        Assert.Equal("dead-letters", detail.RootElement.GetProperty("deadLetters").GetString());
        Assert.Equal(["clients", "subscriptions"],
            detail.RootElement.GetProperty("tables").EnumerateArray().Select(table => table.GetProperty("name").GetString()));
        using JsonDocument clients = JsonDocument.Parse(await http.GetStringAsync("/api/adapters/devices/tables/clients?search=d-0"));
        Assert.Equal("d-0", Assert.Single(clients.RootElement.GetProperty("rows").EnumerateArray())[0].GetString());
    }

    private static async Task PutAsync(HttpClient http, string action)
    {
        HttpResponseMessage answer = await http.PutAsync($"/api/adapters/devices/{action}", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
