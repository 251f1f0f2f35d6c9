using System.Text;
using System.Text.Json;
using Estream.Testing;

namespace Estream.E2e;

/// <summary>A host with the widget of <c>hostile.js</c>, listeners for what the widget sends, and a browser that uses them as its
/// resolver.</summary>
public sealed class LeakFixture : IAsyncLifetime
{
    /// <summary>A dashboard with two widgets.</summary>
    public const string Dashboard = "hostile";

    private LeakListeners? _listeners;
    private RunningHost? _host;
    private Chromium? _chromium;

    internal LeakListeners Listeners => _listeners!;

    internal RunningHost Host => _host!;

    internal Chromium Chromium => _chromium!;

    public async Task InitializeAsync()
    {
        if (OwnResolverTheoryAttribute.SkipReason is not null)
        {
            return; // Every test of the class is skipped and states why.
        }

        _listeners = new LeakListeners();
        string file = RepositoryRoot.Combine("tests", "e2e", "Estream.E2e", "Widgets", "hostile.js");
        string bundle = (await File.ReadAllTextAsync(file))
            .Replace("TCP_PORT", $"{_listeners.TcpPort}", StringComparison.Ordinal)
            .Replace("UDP_PORT", $"{_listeners.UdpPort}", StringComparison.Ordinal);
        _host = new RunningHost(folder =>
        {
            WidgetWorkspace workspace = new(folder);
            workspace.Install(bundle);
            return JsonSerializer.Serialize(new
            {
                Estream = new
                {
                    Http = new { LoopbackRole = "operator" },
                    Components = workspace.Section,
                    Queues = new { moves = new { Lex = WidgetWorkspace.Stream } },
                },
            });
        });
        await PutDashboardAsync();
        _chromium = await Chromium.LaunchProgramAsync(
            _listeners.Browser, "--short-reporting-delay", AsPublic(_listeners.TcpPort, _listeners.UdpPort));
    }

    public async Task DisposeAsync()
    {
        await (_chromium?.DisposeAsync() ?? ValueTask.CompletedTask);
        _host?.Dispose();
        _listeners?.Dispose();
    }

    // A widget sends to public addresses. Chromium protects those of this machine in a way that protects no others.
    private static string AsPublic(params int[] ports) =>
        $"--ip-address-space-overrides={string.Join(',', ports.Select(port => $"127.0.0.1:{port}=public"))}";

    private async Task PutDashboardAsync()
    {
        object[] widgets =
        [
            .. new[] { 0, 6 }.Select(x =>
                new
                {
                    id = $"w-{x}", widget = WidgetWorkspace.Name, x, y = 0, cols = 4, rows = 3, title = (string?)null, config = new { },
                }),
        ];
        using HttpClient http = new();
        using HttpRequestMessage put = new(HttpMethod.Put, new Uri(Host.Address, $"api/dashboards/{Dashboard}"))
        {
            Content = new StringContent(
                JsonSerializer.Serialize(new { format = 1, title = "Hostile", widgets }), Encoding.UTF8, "application/json"),
        };
        put.Headers.TryAddWithoutValidation("If-None-Match", "*");
        using HttpResponseMessage answer = await http.SendAsync(put);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
