using System.Text.Json;
using Estream.Cli.Tests.Wire;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Tools.Simulation;

namespace Estream.Cli.Tests.Fhir;

/// <summary>`estream feed fhir`, also recorded and replayed, with the FHIR server of `estream simulate fhir`.</summary>
public sealed class FhirFeedTests : IDisposable
{
    private readonly SampleData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_feed_with_a_count_writes_every_resource()
    {
        await using RunningServer server = await RunningServer.StartAsync();

        CliResult feed = await FeedAsync(server.Url, "--rate", "5000", "--count", "60", "--connections", "4");

        Assert.Equal((ExitCode.Ok, ""), (feed.Code, feed.Error));
        Assert.EndsWith("; 60 accepted, 0 refused\n", feed.Output, StringComparison.Ordinal);
        Assert.Equal((20, 40), (await server.CountAsync("Patient"), await server.CountAsync("Observation")));
        Assert.Equal(2, await server.CountAsync("Observation?patient.identifier=10007"));
    }

    [Fact]
    public async Task A_recorded_feed_is_replayed_to_another_server()
    {
        await using RunningServer first = await RunningServer.StartAsync();
        await using RunningServer second = await RunningServer.StartAsync();
        using Recording recording = new(first.Port, "--protocol", "fhir");

        CliResult feed = await FeedAsync($"http://127.0.0.1:{recording.Port}/fhir", "--rate", "5000", "--count", "30");
        Assert.True(feed.Code == ExitCode.Ok, feed.Output + feed.Error);
        recording.Stop();
        CliResult replayed = await _data.RunAsync(
            "wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{second.Port}", "--protocol", "fhir");

        Assert.Equal((ExitCode.Ok, ""), (replayed.Code, replayed.Error));
        Assert.Equal((10, 20), (await second.CountAsync("Patient"), await second.CountAsync("Observation")));
    }

    [Fact]
    public async Task Refused_resources_give_exit_code_1()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        CliResult feed = await FeedAsync(server.Url.Replace("/fhir", "/other", StringComparison.Ordinal), "--rate", "5000", "--count", "3");
        Assert.Equal(ExitCode.No, feed.Code);
        Assert.EndsWith("; 0 accepted, 3 refused\n", feed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_without_a_server_or_with_a_wrong_url_fails_at_once()
    {
        int port = FreePort.Next();
        (await FeedAsync($"http://127.0.0.1:{port}/fhir")).AssertFailed(ExitCode.Failed, $"127.0.0.1:{port}");
        (await FeedAsync("ftp://127.0.0.1/fhir")).AssertFailed(ExitCode.Failed, "--url takes an http or https URL");
        (await FeedAsync("http://user@127.0.0.1/fhir")).AssertFailed(ExitCode.Failed, "--url takes an http or https URL");
    }

    private Task<CliResult> FeedAsync(string url, params string[] options) => _data.RunAsync(["feed", "fhir", "--url", url, .. options]);

    private sealed class RunningServer : IAsyncDisposable
    {
        private readonly FhirSimulator _simulator = new(0, SystemClock.Instance);
        private readonly CancellationTokenSource _stop = new();
        private readonly HttpClient _client = new();
        private Task _serving = Task.CompletedTask;

        public string Url => _simulator.Url!.TrimEnd('/');

        public int Port => new Uri(Url).Port;

        public static async Task<RunningServer> StartAsync()
        {
            RunningServer server = new();
            await server._simulator.StartAsync(CancellationToken.None);
            server._serving = server._simulator.RunAsync(server._stop.Token);
            return server;
        }

        /// <summary>The number of resources that a search finds.</summary>
        public async Task<int> CountAsync(string search)
        {
            string separator = search.Contains('?', StringComparison.Ordinal) ? "&" : "?";
            string text = await _client.GetStringAsync(new Uri($"{Url}/{search}{separator}_count=0"));
            using JsonDocument bundle = JsonDocument.Parse(text);
            return bundle.RootElement.GetProperty("total").GetInt32();
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _serving;
            await _simulator.DisposeAsync();
            _client.Dispose();
            _stop.Dispose();
        }
    }
}
