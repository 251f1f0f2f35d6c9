using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class AccessibilityTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_desktop_in_the_light_theme() => CheckAsync(Screen.Desk);

    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_desktop_in_the_dark_theme() => CheckAsync(Screen.DeskDark);

    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_phone_in_the_light_theme() => CheckAsync(Screen.Phone);

    [ConsoleFact]
    public Task Axe_finds_no_violation_on_a_phone_in_the_dark_theme() => CheckAsync(Screen.PhoneDark);

    /// <summary>Checks the page with a message and a reading open, so that every kind of content is on it.</summary>
    private async Task CheckAsync(Screen screen)
    {
        fixture.Host.Publish("devices/boiler-1/telemetry", "{\"value\":\"a payload for the hex view\"}");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, screen, "?queue=dead-letters");
        await console.Messages.First.ClickAsync();
        await console.Page.Locator("#state .state-row").First.ClickAsync();
        await Assertions.Expect(console.Page.Locator(".detail")).ToHaveCountAsync(2);

        Assert.Equal("", await console.AxeAsync());
        Assert.True(
            await console.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"),
            "the page scrolls horizontally");
        console.AssertQuiet();
    }
}
