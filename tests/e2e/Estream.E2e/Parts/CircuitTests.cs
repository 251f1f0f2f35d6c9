using System.Text.Json;
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
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "circuits/acme.boiler.hot.v1");
        ILocator figures = console.Page.Locator(".figure-list");
        await Assertions.Expect(console.Page.Locator(".page-note")).ToHaveTextAsync("1.2.0 · plant");
        await Assertions.Expect(console.Page.Locator(".part-notice")).ToHaveAttributeAsync("data-state", "healthy");
        await Assertions.Expect(figures.Locator("dt")).ToHaveTextAsync(["Operations", "CPU", "Memory", "Storage", "In", "Out", "Failures"]);
        await Assertions.Expect(figures.Locator("dd").First).ToHaveTextAsync("0");
        await Assertions.Expect(console.Cell("service-levels", "durability", "promised")).ToHaveTextAsync("durable within 60 min");

        host.Publish("devices/boiler-1/telemetry",
            JsonSerializer.Serialize(new { timestamp = 1, metric_name = "temperature", value = 20, unit = "°C" }));

        await Assertions.Expect(figures.Locator("dd").First).ToHaveTextAsync("2");
        ILocator output = console.Page.Locator(".observations [data-output='hot']");
        await Assertions.Expect(output.Locator(".observation-figures")).ToContainTextAsync("p99");
        ILocator graph = console.Page.GetByRole(AriaRole.Group,
            new() { Name = "Messages of acme.boiler.hot.v1 go from telemetry to made, made to hot" });
        await Assertions.Expect(graph.Locator("title")).ToHaveTextAsync(["telemetry (input)", "made (transform)", "hot (output)"]);
        Assert.Equal("", await console.AxeAsync());

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark, "circuits");
        await Assertions.Expect(phone.Cell("circuits", "acme.boiler.hot.v1", "operations")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        await phone.AssertFitsAsync();
    }

    [ConsoleFact]
    public async Task An_operator_raises_the_level_of_an_output_and_sees_the_trace_of_the_next_message()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "circuits/acme.boiler.hot.v1");
        ILocator output = console.Page.Locator(".observations [data-output='hot']");
        await Assertions.Expect(output.GetByRole(AriaRole.Radio, new() { Name = "L1" })).ToBeCheckedAsync();

        await output.GetByRole(AriaRole.Radio, new() { Name = "L3" }).ClickAsync();
        await Assertions.Expect(output.GetByRole(AriaRole.Radio, new() { Name = "L3" })).ToBeCheckedAsync();
        host.Publish("devices/boiler-1/telemetry",
            JsonSerializer.Serialize(new { timestamp = 1, metric_name = "temperature", value = 20, unit = "°C" }));

        ILocator trace = console.Page.Locator("#traces .table-item").First;
        await Assertions.Expect(trace.Locator("[data-column='message'] a")).ToHaveAttributeAsync("href", "/queues/telemetry/messages/0");
        await trace.Locator("[data-row]").ClickAsync();
        await Assertions.Expect(console.Page.Locator(".trace li").Nth(1)).ToContainTextAsync("made");
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_circuit_held_by_the_limits_of_its_tenant_comes_first_with_the_reason()
    {
        using RunningHost host = new(ConfigureTwo);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "circuits");
        await Assertions.Expect(console.Cell("circuits", "acme.beats.v1", "state")).ToHaveTextAsync("running");
        await Assertions.Expect(console.Cell("circuits", "acme.copies.v1", "state")).ToHaveTextAsync("held");
        await Assertions.Expect(console.Page.Locator("[data-table='circuits'] .table-item").First)
            .ToHaveAttributeAsync("data-key", "acme.copies.v1");

        await console.Row("circuits", "acme.copies.v1").GetByRole(AriaRole.Link).First.ClickAsync();
        await Assertions.Expect(console.Page.Locator(".part-notice")).ToHaveAttributeAsync("data-state", "paused");
        await Assertions.Expect(console.Page.Locator(".part-notice-remedy")).ToContainTextAsync("limits of its tenant");
        Assert.Equal("", await console.AxeAsync());
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
              "Http":{"LoopbackRole":"operator"},
              "Queues":{"telemetry":{},"hot":{}},
              "Tenants":{"plant":{"Circuits":[{{{{{JsonSerializer.Serialize(path)}}}}}],"OperationsPerSecond":1000000}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }
}
