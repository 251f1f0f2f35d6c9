using System.Text.Json;
using Estream.Crypto;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>Goal: the pages of the parts of a host show what it serves, without violations of accessibility, on any screen.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class PartPageTests(ConsoleFixture fixture)
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

    // The address of each page, and a text that is on the page only if the host served its content.
    private static readonly (string Address, string Served)[] s_pages =
    [
        ("adapters", "mqtt-endpoint"), ("adapters/devices", "Appends to"), ("circuits", "acme.boiler.hot.v1"),
        ("circuits/acme.boiler.hot.v1", "made"), ("replication", "publisher"), ("witnesses", "telemetry"), ("cards", "SIMULATED"),
        ("components", "No component is installed"), ("schemas", "IoTTelemetry"), ("schemas/IoTTelemetry", "device_id"),
        ("alerts", "cpu"), ("access", "host started"), ("configuration", "LoopbackRole"),
    ];

    [ConsoleFact]
    public Task Pages_show_what_the_host_serves_on_a_desktop_in_the_light_theme() => CheckAsync(Screen.Desk);

    [ConsoleFact]
    public Task Pages_show_what_the_host_serves_on_a_desktop_in_the_dark_theme() => CheckAsync(Screen.DeskDark);

    [ConsoleFact]
    public Task Pages_show_what_the_host_serves_on_a_phone_in_the_light_theme() => CheckAsync(Screen.Phone);

    [ConsoleFact]
    public Task Pages_show_what_the_host_serves_on_a_phone_in_the_dark_theme() => CheckAsync(Screen.PhoneDark);

    private async Task CheckAsync(Screen screen)
    {
        using RunningHost host = new(Configure);
        host.Publish("devices/boiler-1/telemetry",
            JsonSerializer.Serialize(new { timestamp = 1, metric_name = "temperature", value = 20, unit = "°C" }));
        List<string> found = [];
        foreach ((string address, string served) in s_pages)
        {
            await using ConsolePage console = await fixture.Chromium.OpenAsync(host, screen, address);
            if (address == "configuration")
            {
                await console.Page.GetByRole(AriaRole.Searchbox).FillAsync(served);
            }

            await Assertions.Expect(console.Page.Locator("#main")).ToContainTextAsync(served);
            string violations = await console.AxeAsync();
            if (violations.Length > 0)
            {
                found.Add($"{address}: {violations}");
            }

            await console.AssertFitsAsync();
            console.AssertQuiet();
        }

        Assert.Empty(found);
    }

    private static string Configure(string folder)
    {
        string circuit = Path.Combine(folder, "hot.circuit.yaml"), key = Path.Combine(folder, "witness.key");
        File.WriteAllText(circuit, Circuit);
        using (MlDsa87PrivateKey made = MlDsa87PrivateKey.Generate())
        {
            made.Save(key);
        }

        string network = $"\"Unicast\":\"127.0.0.1\",\"Port\":{FreePort.Next()}";
        return $$$$$"""
            {"Estream":{
              "Http":{"LoopbackRole":"admin"},
              "Cards":["sim:"],
              "Queues":{"telemetry":{"Witness":{"KeyFile":{{{{{JsonSerializer.Serialize(key)}}}}}}},"hot":{}},
              "Circuits":[{{{{{JsonSerializer.Serialize(circuit)}}}}}],
              "Multicast":{"out":{"Publish":"telemetry",{{{{{network}}}}} },"in":{"Subscribe":"copy",{{{{{network}}}}} } },
              "Alerts":{"Rules":{"cpu":{"Series":"host/cpu","Above":1000000}}},
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }
}
