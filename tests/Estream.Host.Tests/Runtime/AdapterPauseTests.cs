using System.Net;
using System.Text.Json;
using Estream.Host.Runtime;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: an operator pauses one adapter; the host says so, and the adapter continues where it was.</summary>
[Collection(ProcessCollection.Name)]
public sealed class AdapterPauseTests
{
    private const string Reading = """{"timestamp":1,"metric_name":"flow","value":1.5}""";

    [Fact]
    public async Task A_paused_adapter_is_degraded_stores_nothing_and_resumes_also_after_an_update()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using HttpClient http = rig.Client;
        Assert.Equal(IngressStatus.Stored, Append(rig, Reading));

        await PutAsync(http, "pause");

        Assert.Equal(IngressStatus.Blocked, Append(rig, Reading));
        AdapterHealthIs(rig, "degraded", "Paused by an operator.");
        Assert.Equal("degraded", rig.View.Health.Status);
        Eventually.True(() => rig.View.Overview.Adapters.Single() is { State: "degraded" } shown
            && shown.Detail.StartsWith("Paused by an operator.", StringComparison.Ordinal), "the overview says so");
        using (JsonDocument detail = JsonDocument.Parse(await http.GetStringAsync("/api/adapters/devices")))
        {
            Assert.True(detail.RootElement.GetProperty("isPaused").GetBoolean());
            Assert.Equal("operator", detail.RootElement.GetProperty("pauseReasons")[0].GetString());
            Assert.Equal("telemetry", detail.RootElement.GetProperty("queues")[0].GetString());
        }

        // A reload replaces the adapter.
        rig.Change(estream => estream["Adapters"]!["devices"]!["MaxConnections"] = 77);
        Assert.Empty((await rig.ReloadAsync()).Refused);
        Assert.Equal(IngressStatus.Blocked, Append(rig, Reading));

        await PutAsync(http, "resume");
        Assert.Equal(IngressStatus.Stored, Append(rig, Reading));
        Eventually.True(() => rig.View.Health.Status == "ready", "the adapter is healthy again");
        Assert.Contains("PUT /api/adapters/{name}/pause", await http.GetStringAsync("/api/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_an_adapter_shows_what_it_refused_and_where_the_dead_letter_is()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using HttpClient http = rig.Client;
        Append(rig, "{}");
        Append(rig, "{\"timestamp\":1}");
        Append(rig, "nonsense");

        using JsonDocument detail = JsonDocument.Parse(await http.GetStringAsync("/api/adapters/devices"));

        JsonElement latest = detail.RootElement.GetProperty("rejections")[0];
        Assert.Equal(2, latest.GetProperty("lastSequence").GetInt64());
        Assert.Equal(3, detail.RootElement.GetProperty("rejections").EnumerateArray().Sum(one => one.GetProperty("count").GetInt64()));
        Assert.Equal("dead-letters", detail.RootElement.GetProperty("deadLetters").GetString());
    }

    private static void AdapterHealthIs(ReloadRig rig, string state, string detail)
    {
        Host.Http.AdapterHealth health = rig.View.Health.Adapters.Single();
        Assert.Equal(state, health.State);
        Assert.StartsWith(detail, health.Detail, StringComparison.Ordinal);
    }

    private static async Task PutAsync(HttpClient http, string action)
    {
        HttpResponseMessage answer = await http.PutAsync($"/api/adapters/devices/{action}", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    // As a connection of the adapter does it.
    private static IngressStatus Append(ReloadRig rig, string payload)
    {
        using IngressWriter writer = ((IDeadLetterTarget)rig.Adapter("devices").Adapter).CreateDeadLetterWriter();
        return writer.Append(new WireMessage("devices/pump-7/telemetry"u8, System.Text.Encoding.UTF8.GetBytes(payload)));
    }
}
