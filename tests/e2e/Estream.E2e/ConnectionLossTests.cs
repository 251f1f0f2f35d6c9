using System.Text.Json;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class ConnectionLossTests(ConsoleFixture fixture)
{
    /// <summary>Uses a separate host, because the test kills it: the page must report the loss, keep the old figures, and
    /// reconnect.</summary>
    [ConsoleFact]
    public async Task The_page_shows_a_killed_host_as_lost_and_reconnects_after_its_restart()
    {
        using RunningHost host = new();
        string reading = JsonSerializer.Serialize(new { timestamp = 1, metric_name = "level", value = 3.5, unit = "m" });
        host.Publish("devices/tank-1/telemetry", reading);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.DeskDark, "maps/latest");
        ILocator value = console.StateRow("tank-1").Locator("[data-column='f.value']");
        await Assertions.Expect(value).ToHaveTextAsync("3.5 m");

        host.Kill();

        await Assertions.Expect(console.Connection).ToHaveTextAsync("Reconnecting");
        await Assertions.Expect(console.Banner).ToContainTextAsync("Connection to the host lost.");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Connection to the host lost, reconnecting");
        await Assertions.Expect(console.Page).ToHaveTitleAsync("Reconnecting – latest – Estream");
        await Assertions.Expect(value).ToHaveTextAsync("3.5 m");
        Assert.Equal("", await console.AxeAsync());

        host.Restart();
        await Assertions.Expect(console.Connection).ToHaveAttributeAsync("data-phase", "live");
        await Assertions.Expect(console.Banner).ToHaveCountAsync(0);
        await Assertions.Expect(value).ToHaveTextAsync("3.5 m");
    }
}
