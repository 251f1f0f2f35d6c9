using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed partial class HistoryChartTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task A_chart_shows_recorded_values_and_its_zoom_by_keyboard_is_in_the_address()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "adapters/devices?range=5m");
        ILocator chart = console.Page.Locator("[data-chart='Messages']");
        ILocator plot = chart.GetByRole(AriaRole.Slider);
        await Assertions.Expect(plot).ToHaveAttributeAsync("aria-valuetext", Received());

        await plot.PressAsync("+");
        await console.Page.WaitForURLAsync(Span());
        string zoomed = console.Page.Url;
        await console.Page.ReloadAsync();

        await Assertions.Expect(plot).ToBeVisibleAsync();
        Assert.Equal(zoomed, console.Page.Url);
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Combobox, new() { Name = "Range" })).ToHaveValueAsync("");
        Assert.Equal("", await console.AxeAsync());
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_range_in_the_address_is_shown_on_a_phone_without_horizontal_scrolling()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.PhoneDark, "adapters/devices?range=6h");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Combobox, new() { Name = "Range" })).ToHaveValueAsync("6h");
        await Assertions.Expect(console.Page.Locator("[data-chart='Messages'] canvas")).ToBeVisibleAsync();
        Assert.Equal("", await console.AxeAsync());
        await console.AssertFitsAsync();
        console.AssertQuiet();
    }

    [GeneratedRegex("received [1-9]")]
    private static partial Regex Received();

    [GeneratedRegex("from=[0-9]+&to=[0-9]+")]
    private static partial Regex Span();
}
