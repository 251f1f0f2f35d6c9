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

    [ConsoleFact]
    public async Task A_circuit_is_shown_with_its_tenant_and_what_it_has_used()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator circuit = console.Page.Locator("#circuits [data-part='acme.boiler.hot.v1']");
        await Assertions.Expect(console.Page.Locator("#circuits .panel-note")).ToHaveTextAsync("1 of 1 running");
        await Assertions.Expect(circuit.Locator(".part-name")).ToContainTextAsync("1.2.0 → hot · plant");
        await Assertions.Expect(circuit.Locator("dt")).ToHaveTextAsync(["Operations", "CPU", "In", "Out", "Storage", "Memory", "Observed", "Durability (on the device within 60 min)"]);
        await Assertions.Expect(circuit.Locator("dd").First).ToHaveTextAsync("0");

        host.Publish("devices/boiler-1/telemetry", JsonSerializer.Serialize(new { timestamp = 1, metric_name = "temperature", value = 20, unit = "°C" }));

        await Assertions.Expect(circuit.Locator("dd").First).ToHaveTextAsync("2");
        await Assertions.Expect(circuit.Locator("dt")).ToHaveTextAsync(["Operations", "CPU", "In", "Out", "Storage", "Memory", "p50", "p99", "Observed", "Durability (on the device within 60 min)"]);
        await circuit.GetByText("Graph").ClickAsync();
        ILocator graph = circuit.GetByRole(AriaRole.Img, new() { Name = "Messages of acme.boiler.hot.v1 go from telemetry to made, made to hot" });
        await Assertions.Expect(graph.Locator("title")).ToHaveTextAsync(["telemetry (input)", "made (transform)", "hot (output)"]);
        await Assertions.Expect(circuit).ToHaveAttributeAsync("data-state", "healthy");
        await Assertions.Expect(console.Page.Locator("#pipelines [data-part='acme.boiler.hot.v1.hot']")).ToContainTextAsync("telemetry → hot");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark);
        await phone.Page.GetByRole(AriaRole.Link, new() { Name = "Circuits" }).ClickAsync();
        await Assertions.Expect(phone.Page.Locator("#circuits .part-figures")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        Assert.True(await phone.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways");
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
