using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Tests.Runtime.Alerts;

/// <summary>Goal: an operator sees in each place that an alert fires, and changes rules without a restart.</summary>
public sealed class AlertHostTests
{
    [Fact]
    public async Task A_firing_alert_is_shown_and_recorded_and_health_stays_ready()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream => estream["Alerts"] = Rules(above: 1));
        using HttpClient client = rig.Client;
        Eventually.True(() => State(rig) == "firing", "the alert fires");

        JsonElement alert = Assert.Single((await ReadAsync(client, "/api/alerts")).EnumerateArray());
        Assert.Equal("memory host/memory above 1 0 critical firing",
            string.Join(' ', alert.EnumerateObject().Take(7).Select(one => one.Value)));
        Assert.True(alert.GetProperty("value").GetDouble() > 1);
        JsonElement health = await ReadAsync(client, "/health");
        Assert.Equal("ready", health.GetProperty("status").GetString());
        Assert.Equal("memory", Assert.Single(health.GetProperty("alerts").EnumerateArray()).GetProperty("name").GetString());
        Eventually.True(() => rig.View.Overview.Alerts is [{ Name: "memory" }], "the overview shows the alert");
        await Eventually.TrueAsync(async () => (await StatesAsync(client)).SequenceEqual(["memory firing"]), "the change is recorded");
    }

    [Fact]
    public async Task A_reload_changes_rules_and_keeps_the_state_of_the_others()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream => estream["Alerts"] = Rules(above: 1));
        Eventually.True(() => State(rig) == "firing", "the alert fires");
        long? since = rig.View.Alerts!.Overviews[0].Since;

        rig.Change(estream => estream["Alerts"]!["Rules"]!["none"] = new JsonObject { ["Series"] = "queue/none/rate", ["Below"] = 1 });
        ReloadReport report = await rig.ReloadAsync();

        Assert.Equal("alert none added", Assert.Single(report.Changes).ToString());
        Assert.Equal(ReloadStatus.Applied, report.Status);
        Assert.Equal(["memory firing", "none unknown"], rig.View.Alerts.Overviews.Select(one => $"{one.Name} {one.State}"));
        Assert.Equal(since, rig.View.Alerts.Overviews[0].Since);

        rig.Change(estream => estream["Alerts"] = Rules(above: 1e15));
        Assert.Equal(["alert none removed", "alert memory changed"], (await rig.ReloadAsync()).Changes.Select(one => one.ToString()));
        Eventually.True(() => State(rig) == "ok", "the alert ends");
    }

    [Fact]
    public async Task An_alert_that_fired_before_a_restart_ends_with_a_record()
    {
        using TempDirectory directory = new();
        HostConfiguration plan = new() { Data = new DataLayout(directory.Path) };
        ManualClock clock = new();
        AlertRule rule = new("hot", "a/b", IsAbove: true, 80, ForSeconds: 0, "warning");
        double value = 90;
        await using HistoryRecorder history = new(
            directory.Combine("history"), new HistoryPlan(1), clock, NullLogger.Instance);
        history.Use([new SeriesSource(new SeriesInfo("a/b", "Title", SeriesInfo.Percent, "host", "", ""), () => value)]);
        for (int run = 0; run < 2; run++)
        {
            await using AlertRuntime alerts = new(
                () => AlertQueue.Open(plan.Data, new MessageJson(EsfSchemaSet.BuiltIn), new ReadGate(), clock), clock,
                TimeProvider.System, NullLogger.Instance);
            alerts.Use(new AlertPlan([rule], null));
            for (int second = 0; second < 15; second++)
            {
                history.Tick();
                alerts.Evaluate(history);
                clock.Pass(TimeSpan.FromSeconds(1));
            }

            value = 70;
        }

        using AlertQueue queue = AlertQueue.Open(plan.Data, new MessageJson(EsfSchemaSet.BuiltIn), new ReadGate(), clock);
        Assert.Equal("ok", queue.ReadStates()["hot"].State);
    }

    private static JsonObject Rules(double above) => new()
    {
        ["Rules"] = new JsonObject
        {
            ["memory"] = new JsonObject
            {
                ["Series"] = "host/memory", ["Above"] = above, ["ForSeconds"] = 0, ["Severity"] = "critical",
            },
        },
    };

    private static string? State(ReloadRig rig) => rig.View.Alerts?.Overviews.FirstOrDefault(alert => alert.Name == "memory")?.State;

    private static async Task<JsonElement> ReadAsync(HttpClient client, string path)
    {
        using JsonDocument answer = JsonDocument.Parse(await client.GetStringAsync(path));
        return answer.RootElement.Clone();
    }

    private static async Task<IEnumerable<string>> StatesAsync(HttpClient client) =>
        (await ReadAsync(client, "/api/alerts/log")).EnumerateArray().Select(one => one.GetProperty("message"))
            .Select(message => $"{message.GetProperty("alert")} {message.GetProperty("state")}");
}
