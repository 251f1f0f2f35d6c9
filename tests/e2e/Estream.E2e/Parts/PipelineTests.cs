using System.Text.Json;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class PipelineTests(ConsoleFixture fixture)
{
    private const string Schemas = """
        version: "1.0"
        namespace: acme.boiler
        schemas:
          Hot: { fields: { device: { type: string(64) }, celsius: { type: f64 }, steam: { type: i32 }, at: { type: timestamp } } }
          Peak: { fields: { device: { type: string(64) }, highest: { type: i8 } } }
        """;

    private const string Pipelines = """
        version: "1.0"
        schemas: [boiler.esf.yaml]
        pipelines:
          hot:
            from: { queue: telemetry, schema: IoTTelemetry }
            stages:
              - transform: { schema: Hot, set: { device: device_id, celsius: "if(value > 0.0, value, value / (value - value))", steam: "(quality ?? 0) * 10", at: timestamp } }
            to: { queue: hot }
            rejected: cold
          peaks:
            from: { queue: hot, schema: Hot }
            stages:
              - window: { tumbling: 1s, time: at, key: device, schema: Peak, set: { device: key, highest: { max: steam } } }
            to: { queue: peaks }
          archived:
            from: { queue: archive, schema: Hot }
            to: { queue: again }
        """;

    [ConsoleFact]
    public async Task Each_pipeline_is_shown_with_its_count_and_a_failed_one_with_its_reason()
    {
        string archive = "";
        using RunningHost host = new(folder =>
        {
            archive = Path.Combine(folder, "data", "queues", "archive");
            return Configure(folder);
        });
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "circuits");
        await Assertions.Expect(console.Cell("pipelines", "hot", "queue")).ToHaveTextAsync("telemetry");
        await Assertions.Expect(console.Cell("pipelines", "hot", "output")).ToHaveTextAsync("hot");
        await Assertions.Expect(console.Page.Locator("#pipelines .panel-note")).ToHaveTextAsync("3 of 3 running");

        Publish(host, 20, 1, 1);
        Publish(host, -5, 1, 2);

        await Assertions.Expect(console.Cell("pipelines", "hot", "read")).ToHaveTextAsync("2");
        await Assertions.Expect(console.Cell("pipelines", "hot", "rejected")).ToHaveTextAsync("1");
        await Assertions.Expect(console.Cell("pipelines", "peaks", "state")).ToHaveTextAsync("running");

        // A window result that does not fit is left out, and the pipeline continues.
        Publish(host, 20, 100, 3);
        Publish(host, 20, 1, 5_000_000_000);
        await Assertions.Expect(console.Cell("pipelines", "peaks", "read")).ToHaveTextAsync("3");
        await Assertions.Expect(console.Cell("pipelines", "peaks", "rejected")).ToHaveTextAsync("1");
        await Assertions.Expect(console.Cell("pipelines", "peaks", "state")).ToHaveTextAsync("running");

        // The pipeline cannot read past the damage.
        DamageEnd(archive);
        await Assertions.Expect(console.Cell("pipelines", "archived", "state")).ToHaveTextAsync("failing");
        await Assertions.Expect(console.Cell("pipelines", "archived", "detail")).ToContainTextAsync("is damaged");
        await Assertions.Expect(console.Page.Locator("[data-table='pipelines'] .table-item").First)
            .ToHaveAttributeAsync("data-key", "archived");
        await Assertions.Expect(console.Page.Locator("#pipelines .panel-note")).ToHaveTextAsync("2 of 3 running");
        await Assertions.Expect(console.Cell("pipelines", "hot", "state")).ToHaveTextAsync("running");
        Assert.Equal("", await console.AxeAsync());

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark, "circuits");
        await Assertions.Expect(phone.Cell("pipelines", "archived", "detail")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        await phone.AssertFitsAsync();
    }

    [ConsoleFact]
    public async Task A_host_without_pipelines_names_the_settings_that_add_them()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "circuits");

        await Assertions.Expect(console.Page.Locator(".empty")).ToContainTextAsync("Estream:Pipelines");
        console.AssertQuiet();
    }

    private static string Configure(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "boiler.esf.yaml"), Schemas);
        File.WriteAllText(Path.Combine(folder, "boiler.pipeline.yaml"), Pipelines);
        return $$$$$"""
            {"Estream":{
              "Queues":{"telemetry":{},"hot":{},"cold":{},"peaks":{},"archive":{},"again":{}},
              "Pipelines":[{{{{{JsonSerializer.Serialize(Path.Combine(folder, "boiler.pipeline.yaml"))}}}}}],
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }

    // Writes an invalid length word where the next message would start (docs/formats/queue.md).
    private static void DamageEnd(string queue)
    {
        const int FirstFrame = 256;
        using FileStream segment = new(Directory.GetFiles(queue, "*.seg").Order(StringComparer.Ordinal).First(), FileMode.Open,
            FileAccess.Write, FileShare.ReadWrite);
        segment.Position = FirstFrame;
        segment.Write(BitConverter.GetBytes(0x2000_0020));
    }

    private static void Publish(RunningHost host, double value, int quality, long timestamp) =>
        host.Publish("devices/boiler-1/telemetry",
            JsonSerializer.Serialize(new { timestamp, metric_name = "temperature", value, unit = "°C", quality }));
}
