using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Estream.E2e.Widgets;

/// <summary>Dashboards of a real host: built by keyboard or pointer, saved once, and safe when two users change one at a time.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class DashboardTests(ConsoleFixture fixture)
{
    private const string Operator = """{"Estream":{"Http":{"LoopbackRole":"operator"}}}""";

    private const string OneWidget = """
        {"format":1,"title":"TITLE","widgets":[
          {"id":"alerts-1","widget":"builtin/alerts","x":0,"y":0,"cols":6,"rows":3,"title":null,"config":{}}]}
        """;

    [ConsoleFact]
    public async Task A_version_of_another_user_is_not_overwritten_without_asking()
    {
        using RunningHost host = new(_ => Operator);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards");
        await PutAsync(host, "First");
        await console.Page.GotoAsync(new Uri(host.Address, "dashboards/plant").ToString());
        await Button(console, "Edit").ClickAsync();
        await console.Page.GetByRole(AriaRole.Textbox, new() { Name = "Title" }).FillAsync("Mine");
        await PutAsync(host, "Theirs");

        await Button(console, "Done").ClickAsync();
        ILocator dialog = console.Page.GetByRole(AriaRole.Dialog, new() { Name = "The dashboard has changed" });
        await Assertions.Expect(dialog).ToBeVisibleAsync();
        Assert.Equal("", await console.AxeAsync());
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Keep mine as private" }).ClickAsync();

        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("/dashboards/mine/mine$"));
        await Assertions.Expect(Title(console)).ToHaveTextAsync("Mine");
        Assert.Equal("Theirs", await StoredTitleAsync(host));
    }

    [ConsoleFact]
    public async Task Leaving_with_changes_asks_first()
    {
        using RunningHost host = new(_ => Operator);
        await PutAsync(host, "Plant");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Plant", Exact = true }).ClickAsync();
        await Button(console, "Edit").ClickAsync();
        await console.Page.GetByRole(AriaRole.Textbox, new() { Name = "Title" }).FillAsync("Mine");

        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Queues" }).ClickAsync();
        await Button(console, "Keep editing").ClickAsync();
        await console.Page.EvaluateAsync("history.back()");
        await Button(console, "Keep editing").ClickAsync();
        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("/dashboards/plant$"));
        await console.Page.EvaluateAsync("history.back()");
        await Button(console, "Discard the changes").ClickAsync();

        await Assertions.Expect(console.Page).ToHaveURLAsync(new Regex("/dashboards$"));
        Assert.Equal("Plant", await StoredTitleAsync(host));
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_viewer_can_keep_a_private_dashboard_and_change_no_shared_one()
    {
        using RunningHost host = new(_ => """{"Estream":{"Http":{"LoopbackRole":"viewer"}}}""");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards");
        await Button(console, "Start from Payments").ClickAsync();
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Radio, new() { NameRegex = new("^In the host") })).ToBeDisabledAsync();
        await Button(console, "Create").ClickAsync();
        await Button(console, "Done").ClickAsync();

        await Assertions.Expect(Button(console, "Edit")).ToBeEnabledAsync();
        await console.Page.ReloadAsync();
        await Assertions.Expect(console.Page.Locator(".widget-card")).ToHaveCountAsync(7);
        Assert.Equal("""{"dashboards":[]}""", await host.GetAsync("api/dashboards"));
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_dashboard_built_by_keyboard_alone_survives_a_reload_shows_in_a_second_browser_and_is_one_audit_record()
    {
        using RunningHost host = new(_ => Operator);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards");
        IKeyboard keys = console.Page.Keyboard;
        await PressOnAsync(console, "New dashboard");
        await keys.TypeAsync("By keyboard");
        await keys.PressAsync("Enter");
        await AddAsync(console, "alerts");
        await Assertions.Expect(Card(console, "alerts-1")).ToBeFocusedAsync();
        await AddAsync(console, "newest messages");
        await Assertions.Expect(Card(console, "queue-tail-1")).ToBeFocusedAsync();

        foreach (string key in new[] { "Enter", "Shift+ArrowLeft", "Shift+ArrowDown", "ArrowLeft", "Enter" })
        {
            await keys.PressAsync(key);
        }

        foreach (string key in new[] { "Enter", "ArrowDown", "ArrowRight", "Escape" })
        {
            await keys.PressAsync(key);
        }

        Assert.Equal("", await console.AxeAsync());
        await PressOnAsync(console, "Done");
        await Assertions.Expect(Button(console, "Edit")).ToBeVisibleAsync();

        await console.Page.ReloadAsync();
        await Assertions.Expect(console.Page.Locator(".widget-card")).ToHaveCountAsync(2);
        await using ConsolePage second = await fixture.Chromium.OpenAsync(host, Screen.PhoneDark, "dashboards/by-keyboard");
        await Assertions.Expect(second.Page.Locator(".widget-card")).ToHaveCountAsync(2);
        await second.AssertFitsAsync();
        Assert.Equal("", await second.AxeAsync());

        using JsonDocument stored = JsonDocument.Parse(await host.GetAsync("api/dashboards/by-keyboard"));
        JsonElement moved = stored.RootElement.GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("id").GetString() == "queue-tail-1");
        Assert.Equal((5, 5, 5), (Number(moved, "cols"), Number(moved, "rows"), Number(moved, "x")));
        string audit = await host.GetAsync("api/audit?last=100");
        Assert.Single(Regex.Matches(audit, "PUT /api/dashboards/"));
        console.AssertQuiet();
        second.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_drag_and_a_resize_write_nothing_before_done()
    {
        using RunningHost host = new(_ => Operator);
        await PutAsync(host, "Plant");
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Desk, "dashboards/plant");
        List<string> writes = [];
        console.Page.Request += (_, request) => Note(writes, request);
        await Button(console, "Edit").ClickAsync();
        ILocator card = Card(console, "alerts-1");
        await DragAsync(console, card.Locator("h2"), 400, 0);
        await DragAsync(console, console.Page.Locator(".react-resizable-handle"), 0, 160);
        await Assertions.Expect(card).ToBeVisibleAsync();
        Assert.Empty(writes);

        await Button(console, "Done").ClickAsync();
        await Assertions.Expect(Button(console, "Edit")).ToBeVisibleAsync();
        Assert.Equal(["PUT"], writes);
        using JsonDocument stored = JsonDocument.Parse(await host.GetAsync("api/dashboards/plant"));
        JsonElement widget = stored.RootElement.GetProperty("widgets")[0];
        Assert.True(Number(widget, "x") > 0 && Number(widget, "rows") > 3, widget.GetRawText());
        console.AssertQuiet();
    }

    [ConsoleFact]
    public async Task A_phone_edits_in_one_column()
    {
        using RunningHost host = new(_ => Operator);
        await using ConsolePage console = await fixture.Chromium.OpenAsync(host, Screen.Phone, "dashboards");
        await Button(console, "Start from Trading desk").TapAsync();
        await Button(console, "Create").TapAsync();
        await Button(console, "Down: Trading blotter").TapAsync();
        await Button(console, "Remove: FPGA card").TapAsync();
        await console.AssertFitsAsync();
        Assert.Equal("", await console.AxeAsync());
        await Button(console, "Done").TapAsync();
        await Assertions.Expect(Button(console, "Edit")).ToBeVisibleAsync();

        await console.Page.ReloadAsync();
        await Assertions.Expect(console.Page.Locator(".widget-card")).ToHaveCountAsync(6);
        await Assertions.Expect(console.Page.Locator(".widget-card h2").First).ToHaveTextAsync("Latency");
        await console.AssertFitsAsync();
        console.AssertQuiet();
    }

    private static int Number(JsonElement widget, string member) => widget.GetProperty(member).GetInt32();

    private static ILocator Button(ConsolePage console, string name) =>
        console.Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocator Card(ConsolePage console, string id) => console.Page.Locator($"[data-widget='{id}']");

    private static ILocator Title(ConsolePage console) => console.Page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    private static async Task PressOnAsync(ConsolePage console, string button)
    {
        await Button(console, button).First.FocusAsync();
        await console.Page.Keyboard.PressAsync("Enter");
    }

    private static async Task AddAsync(ConsolePage console, string search)
    {
        await PressOnAsync(console, "Add widget");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Searchbox, new() { Name = "Search widgets" })).ToBeFocusedAsync();
        await console.Page.Keyboard.TypeAsync(search);
        await console.Page.Keyboard.PressAsync("Enter");
    }

    private static async Task DragAsync(ConsolePage console, ILocator what, float byX, float byY)
    {
        // A hover waits until the card of an earlier drag has come to rest.
        await what.HoverAsync();
        LocatorBoundingBoxResult box = (await what.BoundingBoxAsync())!;
        (float x, float y) = (box.X + 8, box.Y + 8);
        await console.Page.Mouse.MoveAsync(x, y);
        await console.Page.Mouse.DownAsync();
        await console.Page.Mouse.MoveAsync(x + byX, y + byY, new() { Steps = 10 });
        await console.Page.Mouse.UpAsync();
    }

    private static void Note(List<string> writes, IRequest request)
    {
        if (request.Method != "GET")
        {
            writes.Add(request.Method);
        }
    }

    /// <summary>Stores the dashboard <c>plant</c> as another user does.</summary>
    private static async Task PutAsync(RunningHost host, string title)
    {
        Uri address = new(host.Address, "api/dashboards/plant");
        using HttpClient http = new();
        using HttpResponseMessage present = await http.GetAsync(address);
        using HttpRequestMessage put = new(HttpMethod.Put, address)
        {
            Content = new StringContent(OneWidget.Replace("TITLE", title, StringComparison.Ordinal), Encoding.UTF8, "application/json"),
        };
        put.Headers.TryAddWithoutValidation(present.IsSuccessStatusCode ? "If-Match" : "If-None-Match", present.Headers.ETag?.Tag ?? "*");
        using HttpResponseMessage answer = await http.SendAsync(put);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<string?> StoredTitleAsync(RunningHost host)
    {
        using JsonDocument stored = JsonDocument.Parse(await host.GetAsync("api/dashboards/plant"));
        return stored.RootElement.GetProperty("title").GetString();
    }
}
