using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e.Widgets;

/// <summary>The fourteen built-in widgets on a dashboard of a real host.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class BuiltinWidgetTests(ConsoleFixture fixture)
{
    private const string Circuit = """
        escir_version: "0.8.0"
        name: acme.boiler.hot.v1
        version: "1.2.0"
        types:
          - { name: Hot, fields: [{ name: device, type: string }, { name: celsius, type: f64 }] }
        inputs: [{ name: telemetry, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: hot, type: Hot }]
        compute: [{ id: made, type: transform, schema: Hot, set: { device: device_id, celsius: value } }]
        flows: [telemetry -> made -> hot]
        """;

    private const int MessageCount = 3;

    /// <summary>Each widget with the texts that it shows of the host that <see cref="Configure"/> describes.</summary>
    private static readonly (string Widget, string[] Texts)[] s_widgets =
    [
        ("rates", ["telemetry", "fills"]),
        ("latency", ["devices", "99th percentile"]),
        ("queue-tail", ["boiler-1", "temperature"]),
        ("map-browser", ["latest", "boiler-1"]),
        ("adapter-health", ["1 healthy", "devices"]),
        ("circuit-graph", ["acme.boiler.hot.v1", "running", "transform", "/s"]),
        ("attestations", ["witness running", $"{MessageCount} messages attested, 0 waiting", "oldest shown"]),
        ("metering", ["plant"]),
        ("replication", ["out", "publisher of telemetry"]),
        ("fpga-card", ["sim:", "running", "SIMULATED, no hardware"]),
        ("topology", ["devices", "telemetry", "acme.boiler.hot.v1", "latest"]),
        ("alerts", ["memory-used", "firing"]),
        ("carbon-impact", ["Estimate", "Wh", "g CO2e/kWh"]),
        ("trading-blotter", ["EURUSD", "Buy", "Sell", "1.0825", "VWAP"]),
    ];

    [ConsoleFact]
    public async Task Every_built_in_widget_shows_the_data_of_the_host()
    {
        using RunningHost host = new(Configure, isHealthy: false);
        await FillAsync(host);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards/all");
        await AssertAllAsync(console);
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark, "dashboards/all");
        await AssertAllAsync(phone);
        await phone.AssertFitsAsync();
        Assert.Equal("", await phone.AxeAsync());
    }

    [ConsoleFact]
    public async Task Widgets_of_a_host_without_parts_name_the_setting_that_fills_them()
    {
        using RunningHost host = new(_ => """{"Estream":{"Http":{"LoopbackRole":"operator"},"History":{"Enabled":false}}}""");
        await PutDashboardAsync(host);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards/all");
        foreach ((string widget, string setting) in new[]
        {
            ("rates", "Estream:History:Enabled"), ("latency", "Estream:Adapters"), ("queue-tail", "settings"),
            ("map-browser", "Estream:Maps"), ("adapter-health", "Estream:Adapters"), ("circuit-graph", "Estream:Tenants"),
            ("attestations", "Witness:KeyFile"), ("metering", "Estream:Tenants"), ("replication", "Estream:Replication"),
            ("fpga-card", "Estream:Cards"), ("topology", "Estream:Adapters"), ("alerts", "Estream:Alerts:Rules"),
            ("carbon-impact", "Estream:History:Enabled"),
            ("trading-blotter", "settings"),
        })
        {
            await Assertions.Expect(Card(console, widget).Locator(".empty")).ToContainTextAsync(setting);
        }

        Assert.Equal("", await console.AxeAsync());
    }

    [ConsoleFact]
    public async Task A_paused_dashboard_keeps_its_newest_messages()
    {
        using RunningHost host = new(Configure, isHealthy: false);
        await FillAsync(host);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards/all");
        ILocator rows = Card(console, "queue-tail").Locator("tbody tr[data-row]");
        await Assertions.Expect(rows).ToHaveCountAsync(MessageCount);

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).ClickAsync();
        Publish(host, 1);
        // The other page has asked for the message, so the paused page has had the time to ask too.
        await using ConsolePage other = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards/all");
        await Assertions.Expect(Card(other, "queue-tail").Locator("tbody tr[data-row]")).ToHaveCountAsync(MessageCount + 1);
        await Assertions.Expect(rows).ToHaveCountAsync(MessageCount);

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Paused", Exact = true }).ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(MessageCount + 1);
    }

    private static ILocator Card(ConsolePage console, string widget) =>
        console.Page.Locator($".widget-card[data-widget='{widget}-1']");

    private static async Task AssertAllAsync(ConsolePage console)
    {
        foreach ((string widget, string[] texts) in s_widgets)
        {
            ILocator content = Card(console, widget).Locator($"[data-builtin='{widget}']");
            foreach (string text in texts)
            {
                await Assertions.Expect(content).ToContainTextAsync(text);
            }

            await Assertions.Expect(content.Locator(".empty")).ToHaveCountAsync(0);
        }
    }

    private static async Task FillAsync(RunningHost host)
    {
        // A percentile is of the messages between two readings, so the history needs a reading before the messages.
        await Eventually.TrueAsync(
            async () => HasValue(await FindAsync(host, "api/history?series=host/memory")), "the history has a reading");
        Publish(host, MessageCount);
        string fill = await File.ReadAllTextAsync(RepositoryRoot.Combine("schemas", "esf-trading", "examples", "EStreamFill.json"));
        foreach (string side in new[] { "Buy", "Sell" })
        {
            await SendAsync(host, HttpMethod.Post, "api/queues/fills/messages",
                $$"""{"schema":"EStreamFill","message":{{fill.Replace("\"Buy\"", $"\"{side}\"", StringComparison.Ordinal)}}}""");
        }

        await PutDashboardAsync(host, "telemetry");
    }

    /// <summary>Returns an answer; null if the host does not know the series yet.</summary>
    private static async Task<string?> FindAsync(RunningHost host, string path)
    {
        using HttpClient http = new();
        using HttpResponseMessage answer = await http.GetAsync(new Uri(host.Address, path));
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
    }

    private static bool HasValue(string? history)
    {
        if (history is null)
        {
            return false;
        }

        using JsonDocument answer = JsonDocument.Parse(history);
        return answer.RootElement.GetProperty("series")[0].GetProperty("mean").EnumerateArray()
            .Any(value => value.ValueKind == JsonValueKind.Number);
    }

    private static void Publish(RunningHost host, int count)
    {
        for (int i = 0; i < count; i++)
        {
            host.Publish("devices/boiler-1/telemetry",
                JsonSerializer.Serialize(new { timestamp = i, metric_name = "temperature", value = 20, unit = "°C" }));
        }
    }

    /// <summary>Shares a dashboard with all widgets: two a row, with their default settings but the queue of the newest messages.</summary>
    private static Task PutDashboardAsync(RunningHost host, string queue = "")
    {
        string dashboard = JsonSerializer.Serialize(new
        {
            format = 1,
            title = "All",
            widgets = s_widgets.Select((one, index) => new
            {
                id = $"{one.Widget}-1",
                widget = $"builtin/{one.Widget}",
                x = index % 2 * 6,
                y = index / 2 * 5,
                cols = 6,
                rows = 5,
                title = (string?)null,
                config = one.Widget == "queue-tail" ? new Dictionary<string, string> { ["queue"] = queue } : [],
            }),
        });
        return SendAsync(host, HttpMethod.Put, "api/dashboards/all", dashboard, request => request.Headers.Add("If-None-Match", "*"));
    }

    private static async Task SendAsync(
        RunningHost host, HttpMethod method, string path, string body, Action<HttpRequestMessage>? prepare = null)
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(method, new Uri(host.Address, path))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        prepare?.Invoke(request);
        using HttpResponseMessage answer = await http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static string Configure(string folder)
    {
        (string circuit, string key) = (Path.Combine(folder, "hot.circuit.yaml"), Path.Combine(folder, "witness.key"));
        File.WriteAllText(circuit, Circuit);
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(key);
        }

        return $$$$$"""
            {"Estream":{
              "Http":{"LoopbackRole":"operator"},
              "Cards":["sim:"],
              "Queues":{"telemetry":{"Witness":{"KeyFile":{{{{{JsonSerializer.Serialize(key)}}}}}}},"hot":{},"fills":{}},
              "Maps":{"latest":{"Queue":"telemetry","Schema":"IoTTelemetry","Key":"device_id"}},
              "Tenants":{"plant":{"Circuits":[{{{{{JsonSerializer.Serialize(circuit)}}}}}]}},
              "Multicast":{"out":{"Publish":"telemetry","Unicast":"127.0.0.1","Port":{{{{{FreePort.Next()}}}}}}},
              "Alerts":{"Rules":{"memory-used":{"Series":"host/memory","Above":1,"ForSeconds":0,"Severity":"info"}}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }
}
