using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class CardTests(ConsoleFixture fixture)
{
    private const string Missing = "vfio:0000:ff:1f.7";

    [ConsoleFact]
    public async Task Cards_are_shown_and_simulated_ones_are_marked()
    {
        using RunningHost host = new(Configure);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "cards");
        await Assertions.Expect(console.Cell("cards", "sim:", "engines"))
            .ToHaveTextAsync("SIMULATED, no hardware · append, map, leaf hash");
        await Assertions.Expect(console.Cell("cards", "sim:", "state")).ToHaveTextAsync("running");
        await Assertions.Expect(console.Cell("cards", Missing, "engines")).ToHaveTextAsync("not available");
        await Assertions.Expect(console.Cell("cards", Missing, "detail")).ToContainTextAsync("no device 0000:ff:1f.7");
        await Assertions.Expect(console.Page.Locator(".page-note")).ToHaveTextAsync("1 of 2 running");

        // A card that does not run comes first.
        await Assertions.Expect(console.Page.Locator("[data-table='cards'] .table-item").First).ToHaveAttributeAsync("data-key", Missing);
        await console.Row("cards", "sim:").GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(console.Row("cards", "sim:").Locator(".figure-list dt"))
            .ToHaveTextAsync(["Appends", "Map changes", "Map entries", "Leaves", "Hot keys"]);
        Assert.Equal("", await console.AxeAsync());
    }

    private static string Configure(string folder) => """
        {"Estream":{
          "Cards":["sim:","vfio:0000:ff:1f.7"],
          "Queues":{"telemetry":{}},
          "Adapters":{"devices":{"Type":"mqtt-endpoint","Mappings":[{"Topic":"devices/{device_id}/telemetry","Schema":"IoTTelemetry","Queue":"telemetry"}]}}}}
        """;
}
