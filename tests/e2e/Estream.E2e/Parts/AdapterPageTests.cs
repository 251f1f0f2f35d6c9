using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class AdapterPageTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task An_adapter_that_cannot_connect_is_listed_first_with_reason_and_remedy()
    {
        using RunningHost host = new(Configure, isHealthy: false);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "adapters");
        await Assertions.Expect(console.Cell("adapters", "plant", "state")).ToHaveTextAsync("unhealthy");
        await Assertions.Expect(console.Page.Locator("[data-table='adapters'] .table-item").First)
            .ToHaveAttributeAsync("data-key", "plant");
        await Assertions.Expect(console.Cell("adapters", "plant", "detail").Locator(".cell-remedy"))
            .ToContainTextAsync("by itself once the cause is gone");
        await Assertions.Expect(console.Cell("adapters", "devices", "state")).ToHaveTextAsync("healthy");
        Assert.Equal("", await console.AxeAsync());
    }

    [ConsoleFact]
    public async Task A_rejected_message_leads_from_its_adapter_to_its_dead_letter()
    {
        using RunningHost host = new(Configure, isHealthy: false);
        host.Publish("devices/pump-7/telemetry", "{\"value\":\"not a number\"}");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "adapters/devices");
        ILocator rejection = console.Page.Locator("[data-table='rejections'] .table-item");
        await Assertions.Expect(rejection.Locator("[data-column='count']")).ToHaveTextAsync("1");
        await Assertions.Expect(rejection.Locator("[data-column='reason']")).ToContainTextAsync("value");

        await rejection.GetByRole(AriaRole.Link, new() { Name = "Show the last" }).ClickAsync();

        await console.Page.WaitForURLAsync("**/queues/dead-letters/messages/0");
    }

    [ConsoleFact]
    public async Task An_operator_pauses_and_resumes_an_adapter()
    {
        using RunningHost host = new(Configure, isHealthy: false);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "adapters/devices");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).First.ClickAsync();
        await Assertions.Expect(console.Page.Locator(".part-notice")).ToHaveAttributeAsync("data-state", "paused");
        await Assertions.Expect(console.Page.Locator(".part-notice-state")).ToContainTextAsync("operator");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(console.Page.Locator(".part-notice")).ToHaveAttributeAsync("data-state", "healthy");
        Assert.Contains("/api/adapters/devices/pause", await host.GetAsync("api/audit?last=10"), StringComparison.Ordinal);
    }

    private static string Configure(string folder) => """
        {"Estream":{
          "Http":{"LoopbackRole":"operator"},
          "Queues":{"telemetry":{}},
          "Adapters":{
            "devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]},
            "plant":{"Type":"mqtt-client","Broker":{"Host":"127.0.0.1","Port":1},"Subscriptions":[{"Filter":"plant/+"}],"Mappings":[{"Topic":"plant/{device_id}","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
        """;
}
