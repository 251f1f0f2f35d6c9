using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: a host with thousands of queues is listed page by page, each partitioned queue as one row, and its events stay
/// small.</summary>
public sealed class QueueListTests
{
    [Theory]
    [InlineData("/api/queues?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues?limit=10001", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues?sort=age", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues?after=telemetry", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues?after=x%20telemetry", HttpStatusCode.BadRequest)]
    [InlineData("/api/queues/nowhere", HttpStatusCode.NotFound)]
    public async Task Invalid_requests_are_refused(string path, HttpStatusCode expected)
    {
        await using HttpCase http = await HttpCase.StartAsync();

        HttpResponseMessage answer = await http.Client.GetAsync(path);

        Assert.Equal(expected, answer.StatusCode);
        Assert.StartsWith("{\"error\":\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_are_one_row_with_their_sums_until_they_are_listed_themselves()
    {
        await using HttpCase http = await HttpCase.StartAsync(ViewOf(
        [
            Partition("orders", 0) with { HeldBy = [new ReaderHold("slow", 10)] },
            Partition("orders", 1) with { IsPaused = true, HeldBy = [new ReaderHold("slow", 5), new ReaderHold("b", 1)] },
            new QueueOverview("telemetry", 1, 2, 3, 4.5, "PageCache"),
        ]));

        JsonElement page = await JsonAsync(http, "/api/queues");
        JsonElement partitions = await JsonAsync(http, "/api/queues?partitionsOf=orders");

        Assert.Equal(["orders", "telemetry"], Names(page));
        Assert.Equal(2, page.GetProperty("total").GetInt32());
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
        JsonElement orders = page.GetProperty("queues")[0];
        Assert.Equal((2, 20, 2.2, true), (orders.GetProperty("partitions").GetInt32(), orders.GetProperty("messages").GetInt64(),
            orders.GetProperty("ratePerSecond").GetDouble(), orders.GetProperty("isPaused").GetBoolean()));
        Assert.Equal("""[{"reader":"slow","bytes":15},{"reader":"b","bytes":1}]""", orders.GetProperty("heldBy").GetRawText());
        Assert.False(page.GetProperty("queues")[1].TryGetProperty("partitions", out _));
        Assert.Equal(["orders.0000", "orders.0001"], Names(partitions));
    }

    [Theory]
    [InlineData("name")]
    [InlineData("rate")]
    [InlineData("messages")]
    [InlineData("bytes")]
    public async Task Pages_return_every_queue_once_in_order(string sort)
    {
        QueueOverview[] queues =
            [.. Enumerable.Range(0, 250).Select(i => new QueueOverview($"q{i:D3}", i % 7, i % 5, 1, (i % 3) + 0.1, "x"))];
        await using HttpCase http = await HttpCase.StartAsync(ViewOf(queues));
        List<string> seen = [];
        string? next = "";
        while (next is not null)
        {
            JsonElement page = await JsonAsync(http, $"/api/queues?sort={sort}&limit=30&after={Uri.EscapeDataString(next)}");
            seen.AddRange(Names(page));
            next = page.GetProperty("next").GetString();
        }

        Func<QueueOverview, double> number = sort switch
        {
            "rate" => queue => queue.RatePerSecond, "messages" => queue => queue.Messages, "bytes" => queue => queue.Bytes, _ => _ => 0,
        };
        Assert.Equal(
            queues.OrderByDescending(number).ThenBy(queue => queue.Name, StringComparer.Ordinal).Select(queue => queue.Name), seen);
    }

    [Fact]
    public async Task Ten_thousand_queues_fit_in_one_answer_and_an_overview_has_the_most_urgent()
    {
        QueueOverview[] queues = [.. Enumerable.Range(0, 10_000).Select(i => new QueueOverview($"q{i:D5}", i, 1, 1, i, "PageCache"))];
        queues[3] = queues[3] with { RetentionHeldBy = "slow" };
        await using HttpCase http = await HttpCase.StartAsync(ViewOf(queues));

        JsonElement page = await JsonAsync(http, "/api/queues?limit=10000");
        JsonElement overview = await JsonAsync(http, "/api/overview");

        Assert.Equal(10_000, page.GetProperty("queues").GetArrayLength());
        Assert.Equal(["q00003", "q09999", "q09998"], Names(overview).Take(3));
        Assert.Equal((200, 10_000), (overview.GetProperty("queues").GetArrayLength(), overview.GetProperty("queueCount").GetInt32()));
        Assert.Equal(["q09998"], Names(await JsonAsync(http, "/api/queues?search=Q09998")));
    }

    [Fact]
    public async Task A_token_with_scopes_sees_its_queues_only()
    {
        using TempDirectory directory = new();
        string tokens = directory.Combine("tokens");
        QueueOverview[] queues = [.. Enumerable.Range(0, 300).Select(i => new QueueOverview($"q{i:D3}", i, 1, 1, i, "PageCache"))];
        await using HttpCase http = await HttpCase.StartAsync(ViewOf(queues), role: AccessRole.None, tokens: tokens);
        AccessScopes scopes = AccessScopes.Create(["q000:read"], [], reachesFhir: true);
        string token = AccessTokenFile.Create(tokens, "ann", AccessRole.Viewer, null, DateTimeOffset.UtcNow, scopes);
        http.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await using Stream events = await http.Client.GetStreamAsync("/api/events");
        using StreamReader reader = new(events);
        Assert.Equal(": connected", await reader.ReadLineAsync());

        JsonElement page = await JsonAsync(http, "/api/queues");
        http.Hub.Publish(EventKind.Overview, "{}"u8);

        Assert.Equal(["q000"], Names(page));
        Assert.Equal(HttpStatusCode.NotFound, (await http.Client.GetAsync("/api/queues/q001")).StatusCode);
        Assert.Equal("", await reader.ReadLineAsync());
        Assert.Equal("event: overview", await reader.ReadLineAsync());
        string data = (await reader.ReadLineAsync())!;

        // The queue is not among the 200 busiest, which the event has.
        Assert.Equal(["q000"], Names(JsonDocument.Parse(data["data: ".Length..]).RootElement));
    }

    private static FakeView ViewOf(QueueOverview[] queues)
    {
        FakeView view = new();
        view.Overview = view.Overview with { Queues = queues };
        return view;
    }

    private static QueueOverview Partition(string queue, int number) =>
        new($"{queue}.{number:D4}", 10, 20, 3, 1.1, "PageCache") { PartitionOf = queue };

    private static string[] Names(JsonElement answer) =>
        [.. answer.GetProperty("queues").EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!)];

    private static async Task<JsonElement> JsonAsync(HttpCase http, string path) =>
        JsonDocument.Parse(await http.Client.GetStringAsync(path)).RootElement;
}
