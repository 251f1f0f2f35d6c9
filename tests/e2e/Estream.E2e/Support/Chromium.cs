using System.Globalization;
using Estream.Testing;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>Debian's Chromium, headless, without features that access other machines.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] s_flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    // Limits end waits that have failed; they do not judge speed.
    private static readonly float s_limitMs = (float)Eventually.DefaultLimit.TotalMilliseconds;

    private const int FirstWithMlDsa = 156;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Chromium(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Starts a browser.</summary>
    /// <param name="more">Additional flags.</param>
    public static Task<Chromium> LaunchAsync(params string[] more) => LaunchProgramAsync(Peer.Require("chromium", "chromium"), more);

    /// <summary>Starts a browser by a program, which ends as Chromium.</summary>
    /// <param name="executable">The path of the program.</param>
    /// <param name="more">Additional flags.</param>
    public static async Task<Chromium> LaunchProgramAsync(string executable, params string[] more)
    {
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = executable,
            Headless = true,
            Args = [.. s_flags, .. more],
            Timeout = (float)ChildProcess.DefaultLimit.TotalMilliseconds,
        });
        Assertions.SetDefaultExpectTimeout(s_limitMs);
        return new Chromium(playwright, browser);
    }

    /// <summary>Whether this browser must have ML-DSA in WebCrypto if flags enable it. Releases from <see cref="FirstWithMlDsa"/> on were
    /// checked.</summary>
    public bool HasMlDsa => int.Parse(_browser.Version.Split('.')[0], CultureInfo.InvariantCulture) >= FirstWithMlDsa;

    public async Task<ConsolePage> OpenAsync(
        RunningHost host, Screen screen, string query = "", Func<IBrowserContext, Task>? prepare = null)
    {
        IBrowserContext context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = screen.Width, Height = screen.Height },
            ColorScheme = screen.Dark ? ColorScheme.Dark : ColorScheme.Light,
            HasTouch = screen.Touch,
            Locale = "en-GB",
            TimezoneId = "Europe/Stockholm",
        });
        context.SetDefaultTimeout(s_limitMs);
        await (prepare?.Invoke(context) ?? Task.CompletedTask);
        return await ConsolePage.OpenAsync(context, new Uri(host.Address, query));
    }

    /// <summary>Opens a page of a host in a separate context, without checking its content.</summary>
    public async Task<IPage> OpenPageAsync(Uri address)
    {
        IBrowserContext context = await _browser.NewContextAsync();
        context.SetDefaultTimeout(s_limitMs);
        IPage page = await context.NewPageAsync();
        await page.GotoAsync(address.ToString());
        return page;
    }

    /// <summary>Opens an empty page in a secure context, without a server.</summary>
    public async Task<IPage> OpenEmptyAsync()
    {
        IBrowserContext context = await _browser.NewContextAsync();
        context.SetDefaultTimeout(s_limitMs);
        await context.RouteAsync("**/*",
            route => route.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = "<!doctype html>" }));
        IPage page = await context.NewPageAsync();
        await page.GotoAsync("http://localhost/");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>The screen that shows the page.</summary>
public sealed record Screen(string Name, int Width, int Height, bool Dark, bool Touch)
{
    public static readonly Screen Desk = new("desk, light", 1440, 900, Dark: false, Touch: false);

    public static readonly Screen DeskDark = new("desk, dark", 1440, 900, Dark: true, Touch: false);

    public static readonly Screen Phone = new("phone, light", 390, 844, Dark: false, Touch: true);

    public static readonly Screen PhoneDark = new("phone, dark", 390, 844, Dark: true, Touch: true);

    public override string ToString() => Name;
}
