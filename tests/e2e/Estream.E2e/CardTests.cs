using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class CardTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task Cards_are_shown_and_simulated_ones_are_marked()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk);
        ILocator simulated = console.Page.Locator("#cards [data-part='sim:']");
        await Assertions.Expect(simulated.Locator(".part-name span")).ToHaveTextAsync("SIMULATED, no hardware · append, map, leaf hash");
        await Assertions.Expect(simulated.Locator("dt"))
            .ToHaveTextAsync(["Answered", "Without card", "Failures", "Appends", "Map changes", "Map entries", "Leaves", "Hot keys"]);
        await Assertions.Expect(simulated.Locator("dd").Last).ToHaveTextAsync("0 of 0");
        await Assertions.Expect(simulated).ToHaveAttributeAsync("data-state", "healthy");

        ILocator missing = console.Page.Locator("#cards [data-part='vfio:0000:ff:1f.7']");
        await Assertions.Expect(missing.Locator(".part-name span")).ToHaveTextAsync("not available");
        await Assertions.Expect(missing.Locator(".part-detail")).ToContainTextAsync("no device 0000:ff:1f.7");
        await Assertions.Expect(console.Page.Locator("#cards .panel-note")).ToHaveTextAsync("1 of 2 running");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();
    }

    private static string Configure(string folder) => """
        {"Estream":{
          "Cards":["sim:","vfio:0000:ff:1f.7"],
          "Queues":{"telemetry":{}},
          "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
        """;
}
