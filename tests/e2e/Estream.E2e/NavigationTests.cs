using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>Every page has an address: links, back, reload and the palette lead to it.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class NavigationTests(ConsoleFixture fixture)
{
    private const int FirstLoadLimit = 150 * 1024;

    [ConsoleFact]
    public async Task Links_open_pages_with_a_title_and_back_returns()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        IPage page = console.Page;
        await Assertions.Expect(page).ToHaveTitleAsync("Overview – Estream");

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Pages" }).GetByRole(AriaRole.Link, new() { Name = "Queues" })
            .ClickAsync();
        await Assertions.Expect(page).ToHaveTitleAsync("Queues – Estream");
        await Assertions.Expect(console.Focused).ToHaveTextAsync("Queues");
        await page.GetByRole(AriaRole.Link, new() { Name = "telemetry", Exact = true }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/queues/telemetry$"));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "telemetry", Level = 1 })).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Breadcrumbs" }).GetByRole(AriaRole.Link, new() { Name = "Queues" })
            .ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/queues$"));
        await page.GoBackAsync();
        await Assertions.Expect(page).ToHaveTitleAsync("telemetry – Estream");
        await page.GoBackAsync();
        await page.GoBackAsync();
        await Assertions.Expect(page).ToHaveTitleAsync("Overview – Estream");
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task The_palette_finds_a_queue_by_a_part_of_its_name()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, "maps");
        await console.Page.Keyboard.PressAsync("Control+k");
        ILocator field = console.Page.GetByRole(AriaRole.Combobox, new() { NameRegex = new("^Find") });
        await Assertions.Expect(field).ToBeFocusedAsync();
        Assert.Equal("", await console.AxeAsync());

        await field.FillAsync("letters");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Option).First).ToContainTextAsync("dead-letters");
        await console.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("/queues/dead-letters$"));
        await Assertions.Expect(field).ToHaveCountAsync(0);
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task An_unknown_address_names_itself_and_leads_to_the_overview()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Phone, "no/such/page");
        await Assertions.Expect(console.Page.Locator(".empty-title")).ToHaveTextAsync("The console has no page at /no/such/page.");
        await console.Page.Locator(".empty").GetByRole(AriaRole.Link, new() { Name = "overview" }).ClickAsync();
        await Assertions.Expect(console.Page).ToHaveTitleAsync("Overview – Estream");
    }

    [ConsoleFact]
    public async Task A_phone_has_the_navigation_in_a_menu()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Phone);
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Menu" }).ClickAsync();
        Assert.Equal("", await console.AxeAsync());
        await console.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Link, new() { Name = "Maps" }).ClickAsync();
        await Assertions.Expect(console.Page).ToHaveTitleAsync("Maps – Estream");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task The_first_load_is_small()
    {
        await using ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk);
        await Assertions.Expect(console.Page.Locator(".chart canvas").First).ToBeVisibleAsync();
        string[] files = await console.Page.EvaluateAsync<string[]>(
            "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/assets/'))");
        Assert.Contains(files, file => file.EndsWith(".js", StringComparison.Ordinal));
        using HttpClient http = new();
        long total = 0;
        foreach (string file in files.Distinct())
        {
            using MemoryStream packed = new();
            using (GZipStream gzip = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
            {
                gzip.Write(await http.GetByteArrayAsync(new Uri(file)));
            }

            total += packed.Length;
        }

        Assert.InRange(total, 1, FirstLoadLimit);
    }
}
