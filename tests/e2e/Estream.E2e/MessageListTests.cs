using System.Text.RegularExpressions;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

[Collection(ConsoleCollection.Name)]
public sealed class MessageListTests(ConsoleFixture fixture)
{
    private const string Telemetry = "queues/telemetry";

    [ConsoleFact]
    public async Task A_dead_letter_has_an_address_with_its_reason_and_its_bytes()
    {
        fixture.Host.Publish("devices/boiler-13/telemetry", "{\"value\":\"not a number at all\"}");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "queues/dead-letters?follow=0");

        await console.Messages.Filter(new() { HasText = "devices/boiler-13/telemetry" }).First.GetByRole(AriaRole.Button).ClickAsync();
        ILocator detail = console.Page.Locator(".detail");
        await Assertions.Expect(detail.Locator("h2")).ToHaveTextAsync("DeadLetter");
        await Assertions.Expect(detail.Locator(".hex-text").First).ToHaveTextAsync("{\"value\":\"not a ");

        await detail.GetByRole(AriaRole.Link, new() { Name = "Open as a page" }).ClickAsync();
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("/queues/dead-letters/messages/[0-9]+$"));
        ILocator refusal = console.Page.Locator("#dead-letter");
        await Assertions.Expect(refusal.Locator(".original-text")).ToHaveTextAsync("{\"value\":\"not a number at all\"}");
        await Assertions.Expect(refusal.GetByRole(AriaRole.Link, new() { Name = "devices" }))
            .ToHaveAttributeAsync("href", "/adapters/devices");
        string reason = await refusal.Locator(".refusal").InnerTextAsync();

        await console.Page.ReloadAsync();
        await Assertions.Expect(refusal.Locator(".refusal")).ToHaveTextAsync(reason);
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_queue_is_filtered_by_address_and_lattice()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, Telemetry);
        ILocator addresses = console.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Addresses" });
        ILocator lattices = console.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Lattices" });
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "By address" }).ClickAsync();

        await addresses.FillAsync("/devices/nobody/telemetry");
        await addresses.PressAsync("Enter");
        await Assertions.Expect(console.Page.Locator(".empty-title")).ToHaveTextAsync("No message of telemetry matches.");
        await addresses.FillAsync("/devices/*/telemetry");
        await addresses.PressAsync("Enter");
        await Assertions.Expect(console.Messages.First).ToBeVisibleAsync();
        await lattices.FillAsync("estream.trading.**");
        await lattices.PressAsync("Enter");
        await Assertions.Expect(console.Page.Locator(".empty-title")).ToHaveTextAsync("No message of telemetry matches.");
        await lattices.PressAsync("Escape");
        await Assertions.Expect(console.Messages.First).ToBeVisibleAsync();
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex(@"path=%2Fdevices%2F(\*|%2A)%2Ftelemetry"));
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task An_expression_is_searched_on_the_host_and_is_part_of_the_address()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, $"{Telemetry}?seek=first");
        await Assertions.Expect(console.Messages.First).ToBeVisibleAsync();
        ILocator filter = console.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Filter" });

        await filter.FillAsync("device_id == 'pump-17'");
        await filter.PressAsync("Enter");

        ILocator devices = console.Messages.Locator("[data-column='f.device_id']");
        await Assertions.Expect(console.Page.Locator("[data-status]")).ToContainTextAsync("match");
        await Assertions.Expect(devices.First).ToHaveTextAsync("pump-17");
        await console.Page.ReloadAsync();
        await Assertions.Expect(filter).ToHaveValueAsync("device_id == 'pump-17'");
        await Assertions.Expect(devices.First).ToHaveTextAsync("pump-17");
        Assert.All(await devices.AllInnerTextsAsync(), device => Assert.Equal("pump-17", device));

        await filter.FillAsync("device_id ==");
        await filter.PressAsync("Enter");
        await Assertions.Expect(console.Page.Locator(".empty-title")).ToHaveTextAsync("The queue could not be read.");
    }

    [ConsoleFact]
    public async Task No_row_moves_while_the_list_is_paused()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, Telemetry);
        ILocator first = console.Messages.First.Locator("[data-column='sequence']");
        string running = await first.InnerTextAsync();
        await Eventually.TrueAsync(async () => await first.InnerTextAsync() != running, "the list moves by itself");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Button, new() { Name = "Follow" })).ToBeVisibleAsync();
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("follow=0"));
        string paused = await first.InnerTextAsync();
        ILocator count = console.Page.Locator("[data-fact='Messages'] dd");
        double before = await ConsolePage.NumberAsync(count);
        await Eventually.TrueAsync(async () => await ConsolePage.NumberAsync(count) > before + 500, "messages pass by");
        Assert.Equal(paused, await first.InnerTextAsync());

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Follow" }).ClickAsync();
        await Assertions.Expect(first).Not.ToHaveTextAsync(paused);
        console.AssertQuiet();
    }
}
