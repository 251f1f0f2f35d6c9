using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class StateMapTests(ConsoleFixture fixture)
{
    private const long LargestInteger = long.MaxValue;

    [ConsoleFact]
    public async Task A_devices_last_value_is_shown()
    {
        Publish("boiler-9", 11.5, 1);
        Publish("boiler-9", 42.125, 2);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "maps/latest");

        await console.Search.FillAsync("boiler-9");
        ILocator value = console.StateRow("boiler-9").Locator("[data-column='f.value']");
        await Assertions.Expect(value).ToHaveTextAsync("42.125 °C");
        await Assertions.Expect(console.Page.Locator(".table-item")).ToHaveCountAsync(1);
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex(@"\?prefix=boiler-9$"));

        Publish("boiler-9", -7.25, 3);
        await Assertions.Expect(value).ToHaveTextAsync("-7.25 °C");
        using JsonDocument entry = JsonDocument.Parse(await fixture.Host.GetAsync("api/maps/latest/boiler-9"));
        Assert.Equal(-7.25, entry.RootElement.GetProperty("message").GetProperty("value").GetDouble());
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task Integers_of_64_bits_keep_every_digit()
    {
        Publish("boiler-64", 1, LargestInteger);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "maps/latest?prefix=boiler-64");

        await console.StateRow("boiler-64").GetByRole(AriaRole.Button).First.ClickAsync();

        await Assertions.Expect(console.Page.Locator(".detail")).ToContainTextAsync($"{LargestInteger} ns");
        await Assertions.Expect(console.Page.Locator(".detail")).ToContainTextAsync("2262-04-11T23:47:16.854775807Z");
    }

    [ConsoleFact]
    public async Task A_search_without_a_match_is_reported()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "maps/latest");

        await console.Search.FillAsync("nothing-is-called-this");

        await Assertions.Expect(console.Page.Locator(".empty-title")).ToContainTextAsync("starts with “nothing-is-called-this”.");
    }

    private void Publish(string device, double value, long timestamp)
    {
        string reading = JsonSerializer.Serialize(new { timestamp, metric_name = "temperature", value, unit = "°C" });
        fixture.Host.Publish($"devices/{device}/telemetry", reading);
    }
}
