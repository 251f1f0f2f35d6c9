using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class CircuitTests(ConsoleFixture fixture)
{
    private const string Circuit = """
        escir_version: "0.8.0"
        name: acme.boiler.hot.v1
        version: "1.2.0"
        types:
          - { name: Hot, fields: [{ name: device, type: string }, { name: celsius, type: f64 }] }
        annotations: { sla: { durability: 1h } }
        inputs: [{ name: telemetry, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: hot, type: Hot }]
        compute: [{ id: made, type: transform, schema: Hot, set: { device: device_id, celsius: value } }]
        flows: [telemetry -> made -> hot]
        """;

    private const string Beats = """
        escir_version: "0.8.0"
        name: acme.beats.v1
        version: "1.0.0"
        inputs: [{ name: often, every: 10ms }]
        outputs: [{ name: beats, type: estream.system.TimerTick }]
        compute: [{ id: all, type: filter, when: has(at) }]
        flows: [often -> all -> beats]
        """;

    private const string Copies = """
        escir_version: "0.8.0"
        name: acme.copies.v1
        version: "1.0.0"
        inputs: [{ name: telemetry, type: estream.iot.IoTTelemetry }]
        outputs: [{ name: copies, type: estream.iot.IoTTelemetry }]
        compute: [{ id: known, type: filter, when: has(value) }]
        flows: [telemetry -> known -> copies]
        """;

    [ConsoleFact]
    public async Task A_circuit_is_shown_with_its_tenant_and_usage()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator circuit = console.Page.Locator("#circuits [data-part='acme.boiler.hot.v1']");
        await Assertions.Expect(console.Page.Locator("#circuits .panel-note")).ToHaveTextAsync("1 of 1 running");
        await Assertions.Expect(circuit.Locator(".part-name")).ToContainTextAsync("1.2.0 → hot · plant");
        await Assertions.Expect(circuit.Locator("dt"))
            .ToHaveTextAsync(
                ["Operations", "CPU", "In", "Out", "Storage", "Memory", "Observed", "Durability (durable within 60 min)"]);
        await Assertions.Expect(circuit.Locator("dd").First).ToHaveTextAsync("0");

        host.Publish("devices/boiler-1/telemetry",
            JsonSerializer.Serialize(new { timestamp = 1, metric_name = "temperature", value = 20, unit = "°C" }));

        await Assertions.Expect(circuit.Locator("dd").First).ToHaveTextAsync("2");
        await Assertions.Expect(circuit.Locator("dt"))
            .ToHaveTextAsync(
                ["Operations", "CPU", "In", "Out", "Storage", "Memory", "p50", "p99", "Observed",
                    "Durability (durable within 60 min)"]);
        await circuit.GetByText("Graph").ClickAsync();
        ILocator graph =
            circuit.GetByRole(AriaRole.Img, new() { Name = "Messages of acme.boiler.hot.v1 go from telemetry to made, made to hot" });
        await Assertions.Expect(graph.Locator("title")).ToHaveTextAsync(["telemetry (input)", "made (transform)", "hot (output)"]);
        await Assertions.Expect(circuit).ToHaveAttributeAsync("data-state", "healthy");
        await Assertions.Expect(console.Page.Locator("#pipelines [data-part='acme.boiler.hot.v1.hot']"))
            .ToContainTextAsync("telemetry → hot");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark);
        await phone.Page.GetByRole(AriaRole.Link, new() { Name = "Circuits" }).ClickAsync();
        await Assertions.Expect(phone.Page.Locator("#circuits .part-figures")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        Assert.True(await phone.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"),
            "the page scrolls horizontally");
    }

    // Each output of a circuit is listed among the pipelines.
    [ConsoleFact]
    public async Task A_circuits_rate_and_the_lag_of_a_blocked_circuit_are_shown()
    {
        using RunningHost host = new(ConfigureTwo);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator ticking = console.Page.Locator("#pipelines [data-part='acme.beats.v1.beats']");
        ILocator held = console.Page.Locator("#pipelines [data-part='acme.copies.v1.copies']");
        await Assertions.Expect(ticking.Locator("dt").First).ToHaveTextAsync("Read/s");
        await Assertions.Expect(ticking.Locator("dd").First).ToHaveTextAsync(new Regex("^[1-9]"));
        await Assertions.Expect(console.Page.Locator("#circuits [data-part='acme.copies.v1'] .part-state")).ToHaveTextAsync("held");

        host.Publish("devices/boiler-1/telemetry",
            JsonSerializer.Serialize(new { timestamp = 1, metric_name = "temperature", value = 20, unit = "°C" }));

        await Assertions.Expect(held.Locator("dt")).ToHaveTextAsync(["Read/s", "Read", "Rejected", "Lag"]);
        await Assertions.Expect(held.Locator("dd").Nth(1)).ToHaveTextAsync("0");
        await Assertions.Expect(held.Locator("dd").Last).ToHaveTextAsync(new Regex("^[1-9][0-9]* B$"));
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();
    }

    private static string ConfigureTwo(string folder)
    {
        (string beats, string copies) = (Path.Combine(folder, "beats.circuit.yaml"), Path.Combine(folder, "copies.circuit.yaml"));
        File.WriteAllText(beats, Beats);
        File.WriteAllText(copies, Copies);
        return $$$$$"""
            {"Estream":{
              "Queues":{"telemetry":{},"copies":{},"often":{},"beats":{}},
              "Circuits":[{{{{{JsonSerializer.Serialize(beats)}}}}}],
              "Tenants":{"small":{"Circuits":[{{{{{JsonSerializer.Serialize(copies)}}}}}],"StorageBytes":1}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }

    private static string Configure(string folder)
    {
        string path = Path.Combine(folder, "hot.circuit.yaml");
        File.WriteAllText(path, Circuit);
        return $$$$$"""
            {"Estream":{
              "Queues":{"telemetry":{},"hot":{}},
              "Tenants":{"plant":{"Circuits":[{{{{{JsonSerializer.Serialize(path)}}}}}],"OperationsPerSecond":1000000}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }
}
