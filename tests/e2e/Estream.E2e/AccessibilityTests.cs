using System.Text.Json;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class AccessibilityTests(ConsoleFixture fixture)
{
    // Each address, and what is on its page when it has everything.
    private static readonly (string Address, string Ready)[] s_pages =
    [
        ("", ".chart canvas"),
        ("queues", "[data-table='queues'] .table-item"),
        ("queues/telemetry?follow=0", "[data-table^='messages.'] .table-item"),
        ("queues/telemetry?view=readers", "#retention"),
        ("queues/telemetry?view=history", "#history"),
        ("queues/dead-letters?follow=0", "[data-table^='messages.'] .table-item"),
        ("queues/dead-letters/messages/0", "#dead-letter"),
        ("queues/nobody", ".empty"),
        ("maps", "[data-table='maps'] .table-item"),
        ("maps/latest", "[data-table^='map.'] .table-item"),
        ("maps/latest/pump-7", "#entry-history"),
        ("no/such/page", ".empty"),
    ];

    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_desktop_in_the_light_theme() => CheckAsync(Screen.Desk);

    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_desktop_in_the_dark_theme() => CheckAsync(Screen.DeskDark);

    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_phone_in_the_light_theme() => CheckAsync(Screen.Phone);

    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_phone_in_the_dark_theme() => CheckAsync(Screen.PhoneDark);

    /// <summary>Checks each page; a list has its first row open, so that every kind of content is on it.</summary>
    private async Task CheckAsync(Screen screen)
    {
        fixture.Host.Publish("devices/boiler-1/telemetry", "{\"value\":\"a payload for the hex view\"}");
        fixture.Host.Publish("devices/pump-7/telemetry",
            JsonSerializer.Serialize(new { timestamp = 1, metric_name = "flow", value = 1.5 }));
        List<string> found = [];
        foreach ((string address, string ready) in s_pages)
        {
            await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, screen, address);
            await Assertions.Expect(console.Page.Locator(ready).First).ToBeVisibleAsync();
            if (await console.Page.Locator("button.row-link").CountAsync() > 0)
            {
                await console.Page.Locator("button.row-link").First.ClickAsync();
                await Assertions.Expect(console.Page.Locator(".detail").First).ToBeVisibleAsync();
            }

            string violations = await console.AxeAsync();
            if (violations.Length > 0)
            {
                found.Add($"{address}: {violations}");
            }

            await console.AssertFitsAsync();
        }

        Assert.Empty(found);
    }
}
