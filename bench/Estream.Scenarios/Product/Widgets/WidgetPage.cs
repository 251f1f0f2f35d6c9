using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Estream.Client;
using Estream.Iot;
using Estream.Scenarios.Harness;
using Microsoft.Playwright;

namespace Estream.Scenarios.Product;

/// <summary>A host with a queue, and Chromium with a dashboard of widgets that show the messages of the queue.</summary>
internal sealed class WidgetPage : IDisposable
{
    public const int PerSecond = 1_000;

    private const string Queue = "pixels";
    private const int MaxMessageBytes = 256;

    private static readonly string[] s_flags =
        ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"];

    private readonly ConfiguredHost _host;
    private readonly EstreamClient _client;
    private readonly RemoteAppender _appender;
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    /// <param name="directory">An empty directory for configuration and data.</param>
    /// <param name="widgets">The number of widgets on the dashboard.</param>
    public WidgetPage(string directory, int widgets)
    {
        string workspace = Path.Combine(directory, "workspace"), cache = Path.Combine(directory, "cache");
        PixelsWidget.Install(workspace, cache);
        int port = LoopbackPort.Next();
        _host = new ConfiguredHost(directory, $$"""
            "Queues": { "{{Queue}}": { "Lex": "{{PixelsWidget.Stream}}" } },
            "Client": { "Port": {{port}} },
            "Components": { "Workspace": "{{workspace}}", "Cache": "{{cache}}" }
            """, port);
        _client = EstreamClient.ConnectAsync(new Uri($"estream://{IPAddress.Loopback}:{port}")).GetAwaiter().GetResult();
        _appender = _client.Queue(Queue).CreateAppender();
        SaveDashboard(widgets);
        _playwright = Playwright.CreateAsync().GetAwaiter().GetResult();
        (_browser, Page) = OpenAsync(widgets).GetAwaiter().GetResult();
    }

    /// <summary>The path of Debian's Chromium; null if it is not installed.</summary>
    public static string? Chromium => $"{Environment.GetEnvironmentVariable("PATH")}"
        .Split(Path.PathSeparator).Select(directory => Path.Combine(directory, "chromium")).FirstOrDefault(File.Exists);

    /// <summary>The address of the host.</summary>
    public Uri Address => _host.Address;

    /// <summary>The page of the console.</summary>
    public IPage Page { get; }

    /// <summary>The document of the first widget.</summary>
    public IFrame Widget => Page.Frames.First(frame => frame != Page.MainFrame);

    /// <summary>Appends messages at an even rate, one each millisecond. The value of a message is the time at which it was sent, in
    /// milliseconds.</summary>
    /// <param name="count">The number of messages.</param>
    /// <param name="cancellation">Ends the work early.</param>
    public async Task SendAsync(int count, CancellationToken cancellation = default)
    {
        byte[] message = new byte[MaxMessageBytes];
        long start = Samples.Now();
        for (int number = 0; number < count && !cancellation.IsCancellationRequested; number++)
        {
            long early = start + (number * (1_000_000_000L / PerSecond)) - Samples.Now();
            if (early > 0)
            {
                await Task.Delay(TimeSpan.FromMicroseconds(early / 1_000), CancellationToken.None).ConfigureAwait(false);
            }

            await _appender.AppendAsync(message.AsMemory(0, Encode(message)), CancellationToken.None).ConfigureAwait(false);
        }

        await _appender.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _browser.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _playwright.Dispose();
        _appender.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _host.Dispose();
    }

    private static int Encode(Span<byte> destination)
    {
        IoTTelemetry.Writer writer = IoTTelemetry.Write(destination);
        writer.DeviceId = "door-1"u8;
        writer.Timestamp = 1;
        writer.MetricName = "sent"u8;
        writer.Value = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
        writer.Unit = "ms"u8;
        return writer.Length;
    }

    private void SaveDashboard(int widgets)
    {
        const int Columns = 12, Cols = 3, Rows = 3;
        using HttpClient http = new() { BaseAddress = Address };
        using HttpRequestMessage request = new(HttpMethod.Put, "api/dashboards/bench")
        {
            Content = JsonContent.Create(new
            {
                format = 1,
                title = "Bench",
                widgets = Enumerable.Range(0, widgets).Select(number => new
                {
                    id = number.ToString(CultureInfo.InvariantCulture),
                    widget = PixelsWidget.Name,
                    x = number * Cols % Columns,
                    y = number * Cols / Columns * Rows,
                    cols = Cols,
                    rows = Rows,
                    title = (string?)null,
                    config = new { },
                }),
            }),
        };
        request.Headers.Add("If-None-Match", "*");
        using HttpResponseMessage answer = http.Send(request);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<(IBrowser Browser, IPage Page)> OpenAsync(int widgets)
    {
        IBrowser browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium ?? throw new ScenarioException("Chromium is not installed: apt-get install -y chromium"),
            Headless = true,
            Args = s_flags,
        }).ConfigureAwait(false);
        IPage page = await browser.NewPageAsync().ConfigureAwait(false);

        // High enough for all widgets: a browser does not paint a frame that is scrolled out of view.
        await page.SetViewportSizeAsync(1440, 1600).ConfigureAwait(false);
        await page.GotoAsync(new Uri(Address, "dashboards/bench").ToString()).ConfigureAwait(false);
        for (int number = 0; number < widgets; number++)
        {
            await page.Locator("iframe").Nth(number).ContentFrame.Locator("#live:text('true')").WaitForAsync().ConfigureAwait(false);
        }

        return (browser, page);
    }
}
