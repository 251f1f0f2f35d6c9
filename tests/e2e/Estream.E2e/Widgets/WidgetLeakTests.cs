using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e.Widgets;

/// <summary>Goal: nothing that a widget tries reaches a resolver, a server, a peer, another widget or the page; and each guard matters,
/// because without the guard something does.</summary>
[Collection(ConsoleCollection.Name)]
public sealed class WidgetLeakTests(LeakFixture fixture) : IClassFixture<LeakFixture>
{
    private const string Page = $"dashboards/{LeakFixture.Dashboard}";
    private const string Nothing = "read nothing, heard nobody";
    private const string PageLeft = "page left";
    private const int EverydayRuns = 3;

    /// <summary>The ways of <c>hostile.js</c> to leave a frame, one for each widget of the dashboard.</summary>
    private static readonly string[] s_ways = ["leave", "refresh"];

    private static readonly Edit s_allowlist = new(Part.FrameHeader, "connection-allowlist");

    private static readonly MissingGuard[] s_guards =
    [
        new("Connection-Allowlist", "dns leave", s_allowlist),
        new("deleted channels", "udp", s_allowlist, new(Part.Frame, @"if \(Object\.hasOwn\(holder, name\)\) delete holder\[name\];")),
        new("first listener of the window", "heard another frame",
            new Edit(Part.Frame, @"event\.stopImmediatePropagation\(\);\s+if", "if")),
        new("default-src 'none'", "tcp font", s_allowlist, new(Part.FramePolicy, "default-src 'none'", "default-src *")),
        new("img-src data: blob:", "tcp image", s_allowlist, new(Part.FramePolicy, "img-src data: blob:", "img-src *")),
        new("bundle without a nonce", "tcp import", s_allowlist,
            new(Part.Frame, "loader.type = 'module';", "loader.type = 'module'; loader.nonce = nonce;")),
        new("removed nonce", "read nonce", new(Part.Frame, @"boot\.nonce = '';"), new(Part.Frame, @"boot\.remove\(\);")),
        new("worker-src 'none'", "read worker", new(Part.FramePolicy, "worker-src 'none'; "), new(Part.Frame, "'Worker', ")),
        new("deleted getBattery", "read battery", new Edit(Part.Frame, ", 'getBattery'")),
        new("gamepad=()", "gamepads", new Edit(Part.FrameHeader, "permissions-policy")),
        new("frame-src", "tcp leave", s_allowlist, new(Part.PagePolicy, "frame-src [^;]*", "frame-src *")),
        new("form-action 'none'", "tcp form", [
            s_allowlist, new(Part.FramePolicy, "form-action 'none'; "), new(Part.PagePolicy, "frame-src [^;]*", "frame-src *"),
            .. Sandbox("allow-forms")]),
        new("sandbox without allow-downloads", "download of the page", Sandbox("allow-downloads")),
        new("sandbox without allow-popups", "tcp link", [s_allowlist, .. Sandbox("allow-popups")]),
        new("sandbox without allow-top-navigation", PageLeft, Sandbox("allow-top-navigation")),
    ];

    public static TheoryData<string> Guards =>
        [.. s_guards.Take(LongRun.IsOn ? s_guards.Length : EverydayRuns).Select(guard => guard.Name)];

    [OwnResolverTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_that_a_widget_tries_gets_out_and_the_widget_counts(bool isRewritten)
    {
        // The rewritten run shows that what the runs without a guard do to the answers takes no other guard away.
        List<string> events = await RunAsync(isRewritten ? new MissingGuard("none", "") : null);

        Assert.Equal([Nothing], events);
    }

    [OwnResolverTheory]
    [MemberData(nameof(Guards))]
    public async Task Without_one_guard_something_gets_out(string guard)
    {
        MissingGuard missing = s_guards.Single(one => one.Name == guard);

        List<string> events = await RunAsync(missing);

        Assert.Contains(events, seen => seen.Contains(missing.Hit, StringComparison.Ordinal));
    }

    private static Edit[] Sandbox(string flag) =>
    [
        new(Part.FramePolicy, "allow-scripts", $"allow-scripts {flag}"),
        new(Part.PageScript, "([\"'`])allow-scripts\\1", $"\"allow-scripts {flag}\""),
    ];

    /// <summary>Runs hostile widgets on one dashboard, which then leave their frames; returns all that got out.</summary>
    private async Task<List<string>> RunAsync(MissingGuard? missing)
    {
        fixture.Listeners.Clear();
        List<string> events = [];
        await using (ConsolePage console = await fixture.Chromium.OpenAsync(fixture.Host, Screen.Desk, Page,
            context => missing?.PrepareAsync(context) ?? Task.CompletedTask))
        {
            IPage page = console.Page;
            Uri address = new(page.Url);
            page.Download += (_, _) => Add(events, "download of the page");
            page.Context.Page += (_, _) => Add(events, "page opened");
            page.FrameNavigated += (_, frame) => NoteLeft(events, page, frame, address);
            string[] results = [];
            await Eventually.TrueAsync(
                async () => (results = await ResultsAsync(page)).Length == s_ways.Length || await HasLeftAsync(events, page),
                "all widgets have tried everything, or one has left");
            foreach (string result in results.Distinct())
            {
                Add(events, result);
            }

            if (!await HasLeftAsync(events, page))
            {
                await LeaveAsync(page);
            }
        }

        // What the browser still had to send was sent before: the probe uses the same resolver and the same network service.
        IPage probe = await fixture.Chromium.OpenPageAsync(fixture.Listeners.ProbeAddress);
        await probe.Context.CloseAsync();
        await fixture.Listeners.DrainAsync();
        lock (events)
        {
            return [.. events, .. fixture.Listeners.Hits];
        }
    }

    private static async Task LeaveAsync(IPage page)
    {
        ILocator count = page.Locator("iframe").First.ContentFrame.Locator("#count");
        string counted = (await count.TextContentAsync())!;
        await Assertions.Expect(count).Not.ToHaveTextAsync(counted);
        foreach (string way in s_ways)
        {
            // A frame that has left is removed, so the first is always one that has not.
            ILocator frames = page.Locator("iframe");
            int left = await frames.CountAsync() - 1;
            await frames.First.ContentFrame.GetByRole(AriaRole.Button, new() { Name = way })
                .EvaluateAsync("button => { setTimeout(() => button.click()); }");
            await Assertions.Expect(frames).ToHaveCountAsync(left);
        }
    }

    /// <summary>Returns what each widget that has tried everything reports.</summary>
    private static async Task<string[]> ResultsAsync(IPage page)
    {
        List<string> results = [];
        foreach (IFrame frame in page.Frames.Where(frame => frame.ParentFrame == page.MainFrame))
        {
            try
            {
                results.Add(await frame.EvaluateAsync<string>(
                    "['result', 'heard'].map((id) => document.getElementById(id)?.textContent).join(', ')"));
            }
            catch (PlaywrightException)
            {
                // The frame has been removed or navigates.
            }
        }

        return
        [
            .. results.Where(result => result.StartsWith("tried", StringComparison.Ordinal)).Select(result => result.Split(", ", 2)[1]),
        ];
    }

    private static async Task<bool> HasLeftAsync(List<string> events, IPage page)
    {
        lock (events)
        {
            if (events.Contains(PageLeft))
            {
                return true;
            }
        }

        return await page.GetByText("has left its frame").CountAsync() > 0;
    }

    private static void NoteLeft(List<string> events, IPage page, IFrame frame, Uri address)
    {
        if (frame == page.MainFrame && frame.Url != address.ToString())
        {
            Add(events, PageLeft);
        }
    }

    private static void Add(List<string> events, string seen)
    {
        lock (events)
        {
            events.Add(seen);
        }
    }
}
