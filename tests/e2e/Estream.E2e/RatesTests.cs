using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class RatesTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task Message_counts_and_rates_are_updated()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        ILocator messages = console.QueueFigure("telemetry", "messages");
        ILocator rate = console.QueueFigure("telemetry", "rate");

        double first = await ConsolePage.NumberAsync(messages);
        await Eventually.TrueAsync(async () => await ConsolePage.NumberAsync(messages) > first, "more messages are counted");
        await Eventually.TrueAsync(async () => await ConsolePage.NumberAsync(rate) > 0, "the rate is above zero");

        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task The_page_shows_an_entry_for_every_device()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        ILocator entries = console.Page.Locator("[data-figure='entries'] dd");

        await Eventually.TrueAsync(async () => await ConsolePage.NumberAsync(entries) >= 200, "every device of the fleet has an entry");

        await Assertions.Expect(console.Page.Locator("#adapters [data-part='devices']")).ToHaveAttributeAsync("data-state", "healthy");
    }

    [ConsoleFact]
    public async Task The_chart_is_drawn_and_has_a_text_description()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        ILocator chart = console.Page.GetByRole(AriaRole.Img, new() { NameRegex = new("telemetry: now [\\d,]*[1-9]") });

        await Assertions.Expect(chart).ToBeVisibleAsync();

        // A line in the accent colour is well above the base line, where a queue without traffic would be.
        await Eventually.TrueAsync(() => console.Page.EvaluateAsync<bool>(
            """
            () => {
              const canvas = document.querySelector('.chart canvas');
              const swatch = document.querySelector('.swatch--accent');
              const wanted = getComputedStyle(swatch).stroke.match(/\d+/g).slice(0, 3).join();
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height / 2);
              for (let at = 0; at < data.length; at += 4) {
                if (data[at + 3] === 255 && `${data[at]},${data[at + 1]},${data[at + 2]}` === wanted) return true;
              }
              return false;
            }
            """), "the rate of telemetry is drawn");
    }
}
