using System.Text.RegularExpressions;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>Operates everything without a mouse: each test only presses keys.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class KeyboardTests(ConsoleFixture fixture)
{
    [ConsoleFact]
    public async Task The_keyboard_reaches_the_content_of_a_message_from_the_address_bar()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "queues/telemetry");
        await Assertions.Expect(console.Messages.Nth(5)).ToBeVisibleAsync();

        await PressAsync(console, "Tab");
        await Assertions.Expect(console.Focused).ToHaveTextAsync("Skip to the content");
        await Assertions.Expect(console.Focused).ToBeInViewportAsync();
        await PressAsync(console, "Enter");
        await TabToAsync(console, "[data-row]");

        // While a row has the focus, the list waits, the arrow keys move between rows, and Enter opens and closes a row.
        await Assertions.Expect(console.Page.Locator("[data-status]")).ToHaveTextAsync("paused while the list has focus.");
        string firstRow = await RowAsync(console);
        await PressAsync(console, "ArrowDown", "ArrowDown");
        await Eventually.TrueAsync(async () => await RowAsync(console) != firstRow, "another row has the focus");
        await PressAsync(console, "Enter");
        await Assertions.Expect(console.Focused).ToHaveAttributeAsync("aria-expanded", "true");
        await Assertions.Expect(console.Page.Locator(".detail")).ToContainTextAsync("metric_name");
        await PressAsync(console, "Enter");
        await Assertions.Expect(console.Page.Locator(".detail")).ToHaveCountAsync(0);
        await PressAsync(console, "Home");
        await Eventually.TrueAsync(async () => await RowAsync(console) == firstRow, "the first row has the focus");
        await PressAsync(console, "End");
        await Eventually.TrueAsync(async () => await RowAsync(console) != firstRow, "the last row has the focus");
        await Assertions.Expect(console.Focused).ToBeInViewportAsync();
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_device_is_found_and_read_by_keyboard()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "maps/latest");
        await Assertions.Expect(console.Page.Locator(".table-item").First).ToBeVisibleAsync();

        await TabToAsync(console, "input[type='search']");
        await Assertions.Expect(console.Search).ToBeFocusedAsync();
        await console.Page.Keyboard.TypeAsync("pump-17");
        await Assertions.Expect(console.Page.Locator(".table-item")).ToHaveCountAsync(11); // 17, 170 … 179

        await TabToAsync(console, "[data-row]");
        await PressAsync(console, "End", "Enter");
        await Assertions.Expect(console.Focused).ToHaveTextAsync("pump-179");
        await Assertions.Expect(console.Page.Locator(".detail")).ToContainTextAsync("pump-179");

        await console.Search.FocusAsync();
        await PressAsync(console, "Escape");
        await Assertions.Expect(console.Search).ToHaveValueAsync("");
        await Assertions.Expect(console.Page).Not.ToHaveURLAsync(new Regex("prefix="));
    }

    [ConsoleFact]
    public async Task The_theme_is_chosen_by_arrow_keys_and_kept()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        ILocator root = console.Page.Locator("html");

        await console.Page.GetByRole(AriaRole.Radio, new() { Name = "Auto" }).FocusAsync();
        await PressAsync(console, "ArrowRight", "ArrowRight");
        await Assertions.Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        await Assertions.Expect(root).ToHaveCSSAsync("color-scheme", "dark");

        await console.Page.ReloadAsync();
        await Assertions.Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Radio, new() { Name = "Dark" })).ToBeCheckedAsync();
    }

    private static async Task PressAsync(ConsolePage console, params string[] keys)
    {
        foreach (string key in keys)
        {
            await console.Page.Keyboard.PressAsync(key);
        }
    }

    /// <summary>Presses Tab until an element that matches has the focus.</summary>
    private static async Task TabToAsync(ConsolePage console, string selector)
    {
        const int MostStops = 40;
        for (int i = 0; i < MostStops; i++)
        {
            await console.Page.Keyboard.PressAsync("Tab");
            if (await console.Focused.EvaluateAsync<bool>("(element, selector) => element.matches(selector)", selector))
            {
                return;
            }
        }

        Assert.Fail($"Tab does not reach {selector}.");
    }

    private static async Task<string> RowAsync(ConsolePage console) =>
        await console.Focused.GetAttributeAsync("data-row") ?? "no row has the focus";
}
