using System.Net;
using Estream.Crypto;
using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Estream.Host.Tests.Http;

public sealed class HistoryEndpointTests : IDisposable
{
    private const long StartMs = ManualClock.Start / 1_000_000;

    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData("", "host/cpu,map/latest/entries,queue/logs/rate,queue/telemetry/rate")]
    [InlineData("?search=TELE", "queue/telemetry/rate")]
    [InlineData("?search=nothing", "")]
    public async Task Series_are_listed_by_name(string query, string expected)
    {
        await using HistoryRecorder history = Recorded();
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { History = history });

        string answer = await http.Client.GetStringAsync("/api/history/series" + query);

        Assert.Equal(expected, string.Join(',', answer.Split("\"name\":\"").Skip(1).Select(part => part.Split('"')[0])));
        Assert.Contains(expected.Length == 0 ? "[]" : "\"unit\":\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_have_times_and_gaps_are_null()
    {
        await using HistoryRecorder history = Recorded();
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { History = history });

        string answer = await http.Client.GetStringAsync(
            $"/api/history?series=host/cpu&series=queue/telemetry/rate&from={StartMs}&to={StartMs + 3_000}&step=1");

        string times = $"\"times\":[{StartMs},{StartMs + 1_000},{StartMs + 2_000}]";
        Assert.Equal(
            $$"""{"from":{{StartMs}},"to":{{StartMs + 3_000}},"step":1,"series":["""
            + $$"""{"name":"host/cpu","unit":"percent",{{times}},"min":[1,2.5,null],"mean":[1,2.5,null],"max":[1,2.5,null]},"""
            + $$"""{"name":"queue/telemetry/rate","unit":"1/s",{{times}},"min":[1,2.5,null],"mean":[1,2.5,null],"max":[1,2.5,null]}]}""",
            answer);
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest, "Name 1 to 20 series")]
    [InlineData("?series=queue/nothing/rate", HttpStatusCode.NotFound, "There is no series")]
    [InlineData("?series=host/cpu&from=yesterday", HttpStatusCode.BadRequest, "milliseconds")]
    [InlineData("?series=host/cpu&to=-1", HttpStatusCode.BadRequest, "milliseconds")]
    [InlineData("?series=host/cpu&to=99999999999999999", HttpStatusCode.BadRequest, "milliseconds")]
    [InlineData("?series=host/cpu&from=2000&to=1000", HttpStatusCode.BadRequest, "from must be before to")]
    [InlineData("?series=host/cpu&step=0", HttpStatusCode.BadRequest, "step must be a whole number from 1")]
    [InlineData("?series=host/cpu&from=0&step=60", HttpStatusCode.BadRequest, "more than 2000")]
    public async Task Bad_requests_are_refused_with_what_to_change(string query, HttpStatusCode status, string reason)
    {
        await using HistoryRecorder history = Recorded();
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { History = history });

        HttpResponseMessage answer = await http.Client.GetAsync("/api/history" + query);

        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_20_series_are_refused()
    {
        await using HistoryRecorder history = Recorded();
        await using HttpCase http = await HttpCase.StartAsync(new FakeView { History = history });

        string many = string.Join('&', Enumerable.Repeat("series=host/cpu", 21));

        Assert.Equal(HttpStatusCode.BadRequest, (await http.Client.GetAsync($"/api/history?{many}")).StatusCode);
    }

    [Theory]
    [InlineData("/api/history/series")]
    [InlineData("/api/history?series=host/cpu")]
    public async Task A_host_without_history_says_which_setting_is_missing(string path)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("Estream:History:Enabled", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_with_scopes_sees_only_their_series()
    {
        string tokens = _directory.Combine("tokens");
        AccessScopes scopes = AccessScopes.Create(["telemetry:read"], [], reachesFhir: true);
        string token = AccessTokenFile.Create(tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow, scopes);
        await using HistoryRecorder history = Recorded();
        await using HttpCase http = await HttpCase.StartAsync(
            new FakeView { History = history }, role: AccessRole.None, tokens: tokens);
        http.Client.DefaultRequestHeaders.Authorization = new("Bearer", token);

        string series = await http.Client.GetStringAsync("/api/history/series");

        Assert.Contains("queue/telemetry/rate", series, StringComparison.Ordinal);
        Assert.DoesNotContain("host/cpu", series, StringComparison.Ordinal);
        Assert.DoesNotContain("logs", series, StringComparison.Ordinal);
        Assert.DoesNotContain("map/", series, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.Client.GetAsync("/api/history?series=queue/telemetry/rate")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.Client.GetAsync("/api/history?series=queue/logs/rate")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.Client.GetAsync("/api/history?series=host/cpu")).StatusCode);
    }

    public void Dispose() => _directory.Dispose();

    // The values of the first two seconds are 1 and 2.5.
    private HistoryRecorder Recorded()
    {
        HistoryRecorder history = new(_directory.Combine("history"), new HistoryPlan(10), _clock, NullLogger.Instance);
        double value = 1;
        SeriesSource Source(string name, string unit, string scope) =>
            new(new SeriesInfo(name, "Title", unit, "kind", "part", scope), () => value);
        history.Use(
        [
            Source("host/cpu", SeriesInfo.Percent, ""),
            Source("queue/telemetry/rate", SeriesInfo.PerSecond, SeriesInfo.ScopeOfQueue("telemetry")),
            Source("queue/logs/rate", SeriesInfo.PerSecond, SeriesInfo.ScopeOfQueue("logs")),
            Source("map/latest/entries", SeriesInfo.Count, SeriesInfo.ScopeOfMap("latest")),
        ]);
        history.Tick();
        value = 2.5;
        _clock.Pass(TimeSpan.FromSeconds(1));
        history.Tick();
        return history;
    }
}
