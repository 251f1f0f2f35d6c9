using System.Text.RegularExpressions;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class MessageListTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task A_dead_letter_is_shown_with_its_reason_and_its_bytes()
    {
        fixture.Host.Publish("devices/boiler-13/telemetry", "{\"value\":\"not a number at all\"}");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);

        await console.QueueChoice.SelectOptionAsync("dead-letters");
        await console.Messages.Filter(new() { HasText = "devices/boiler-13/telemetry" }).First.ClickAsync();

        ILocator detail = console.Page.Locator("#messages .detail");
        await Assertions.Expect(detail.Locator("h3")).ToHaveTextAsync("DeadLetter");
        await Assertions.Expect(detail).ToContainTextAsync("reason");
        await Assertions.Expect(detail.Locator(".hex-text").First).ToHaveTextAsync("{\"value\":\"not a ");
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("queue=dead-letters"));
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_queue_is_filtered_by_address_and_lattice()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        ILocator addresses = console.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Addresses" });
        ILocator lattices = console.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Lattices" });
        await Assertions.Expect(addresses).ToHaveCountAsync(0);

        await console.QueueChoice.SelectOptionAsync("telemetry");
        await addresses.FillAsync("/devices/nobody/telemetry");
        await Assertions.Expect(console.Page.Locator("#messages .empty-title")).ToHaveTextAsync("No matching message in telemetry.");
        await addresses.FillAsync("/devices/*/telemetry");
        await Assertions.Expect(console.Messages.First).ToBeVisibleAsync();
        await lattices.FillAsync("estream.trading.**");
        await Assertions.Expect(console.Page.Locator("#messages .empty-title")).ToHaveTextAsync("No matching message in telemetry.");
        await lattices.PressAsync("Escape");
        await Assertions.Expect(console.Messages.First).ToBeVisibleAsync();
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex(@"path=%2Fdevices%2F\*%2Ftelemetry"));
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task No_row_moves_while_the_list_is_paused()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        ILocator first = console.Messages.First.Locator(".cell-sequence");
        string running = await first.InnerTextAsync();
        await Eventually.TrueAsync(async () => await first.InnerTextAsync() != running, "the list moves by itself");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync();
        string paused = await first.InnerTextAsync();
        double before = await ConsolePage.NumberAsync(console.QueueFigure("telemetry", "messages"));
        await Eventually.TrueAsync(
            async () => await ConsolePage.NumberAsync(console.QueueFigure("telemetry", "messages")) > before + 500, "messages pass by");
        Assert.Equal(paused, await first.InnerTextAsync());

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Resume" }).ClickAsync();
        await Assertions.Expect(first).Not.ToHaveTextAsync(paused);
    }
}
