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

    // A window's result that does not fit is what a pipeline cannot get over.
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
        """;

    [ConsoleFact]
    public async Task Each_pipeline_is_shown_with_what_it_read_and_one_that_stands_still_says_why()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator hot = console.Page.Locator("#pipelines [data-part='hot']");
        ILocator peaks = console.Page.Locator("#pipelines [data-part='peaks']");
        await Assertions.Expect(hot).ToContainTextAsync("telemetry → hot");
        await Assertions.Expect(console.Page.Locator("#pipelines .panel-note")).ToHaveTextAsync("2 of 2 running");

        Publish(host, 20, 1, 1);
        Publish(host, -5, 1, 2);

        await Assertions.Expect(hot.Locator("dd")).ToHaveTextAsync(["0", "2", "1"]);
        await Assertions.Expect(hot.Locator("[data-warn] dt")).ToHaveTextAsync("Rejected");
        await Assertions.Expect(peaks).ToHaveAttributeAsync("data-state", "healthy");

        Publish(host, 20, 100, 3);
        Publish(host, 20, 1, 5_000_000_000);
        await Assertions.Expect(peaks.Locator(".part-state")).ToHaveTextAsync("failing");
        await Assertions.Expect(peaks.Locator(".part-detail")).ToContainTextAsync("what 'highest' of acme.boiler.Peak gets does not fit there");
        await Assertions.Expect(console.Page.Locator("#pipelines .panel-note")).ToHaveTextAsync("1 of 2 running");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Pipeline peaks is failing");
        await Assertions.Expect(hot).ToHaveAttributeAsync("data-state", "healthy");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();

        await using ConsolePage phone = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark);
        await phone.Page.GetByRole(AriaRole.Link, new() { Name = "Pipelines" }).ClickAsync();
        await Assertions.Expect(phone.Page.Locator("#pipelines [data-part='peaks'] .part-detail")).ToBeInViewportAsync();
        Assert.Equal("", await phone.AxeAsync());
        Assert.True(await phone.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways");
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
              "Queues":{"telemetry":{},"hot":{},"cold":{},"peaks":{}},
              "Pipelines":[{{{{{JsonSerializer.Serialize(Path.Combine(folder, "boiler.pipeline.yaml"))}}}}}],
              "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
            """;
    }

    private static void Publish(RunningHost host, double value, int quality, long timestamp) =>
        host.Publish("devices/boiler-1/telemetry", JsonSerializer.Serialize(new { timestamp, metric_name = "temperature", value, unit = "°C", quality }));
}
