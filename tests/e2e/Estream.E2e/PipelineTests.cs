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
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator hot = console.Page.Locator("#pipelines [data-part='hot']");
        ILocator peaks = console.Page.Locator("#pipelines [data-part='peaks']");
        ILocator archived = console.Page.Locator("#pipelines [data-part='archived']");
        await Assertions.Expect(hot).ToContainTextAsync("telemetry → hot");
        await Assertions.Expect(console.Page.Locator("#pipelines .panel-note")).ToHaveTextAsync("3 of 3 running");

        Publish(host, 20, 1, 1);
        Publish(host, -5, 1, 2);

        await Assertions.Expect(hot.Locator("dd")).ToHaveTextAsync(["0", "2", "1"]);
        await Assertions.Expect(hot.Locator("[data-warn] dt")).ToHaveTextAsync("Rejected");
        await Assertions.Expect(peaks).ToHaveAttributeAsync("data-state", "healthy");

        // A window result that does not fit is left out, and the pipeline continues.
        Publish(host, 20, 100, 3);
        Publish(host, 20, 1, 5_000_000_000);
        await Assertions.Expect(peaks.Locator("dd")).ToHaveTextAsync(["0", "3", "1"]);
        await Assertions.Expect(peaks).ToHaveAttributeAsync("data-state", "healthy");

        // The pipeline cannot read past the damage.
        DamageEnd(archive);
        await Assertions.Expect(archived.Locator(".part-state")).ToHaveTextAsync("failing");
        await Assertions.Expect(archived.Locator(".part-detail")).ToContainTextAsync("is damaged");
        await Assertions.Expect(console.Page.Locator("#pipelines .panel-note")).ToHaveTextAsync("2 of 3 running");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Pipeline archived is failing");
        await Assertions.Expect(hot).ToHaveAttributeAsync("data-state", "healthy");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark);
        await phone.Page.GetByRole(AriaRole.Link, new() { Name = "Pipelines" }).ClickAsync();
        await Assertions.Expect(phone.Page.Locator("#pipelines [data-part='archived'] .part-detail")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        Assert.True(await phone.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"),
            "the page scrolls horizontally");
    }

    [ConsoleFact]
    public async Task A_host_without_pipelines_has_no_panel_for_them()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);

        await Assertions.Expect(console.Page.Locator("#adapters")).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.Locator("#pipelines")).ToHaveCountAsync(0);
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
