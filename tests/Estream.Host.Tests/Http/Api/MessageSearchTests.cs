using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Core;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Queue;
using Estream.Testing;
using Estream.Wire;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: a page reads any part of a queue, searches it on the host, and always learns where the search continues.</summary>
[Collection(ProcessCollection.Name)]
public sealed class MessageSearchTests : IAsyncLifetime
{
    private ReloadRig _rig = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _rig = await ReloadRig.StartAsync(FreePort.Next(), estream =>
        {
            estream["Queues"]!["orders"] = new JsonObject();
            estream["Queues"]!["parts"] = new JsonObject { ["Partitions"] = 2 };
        });
        _client = _rig.Client;
        ApiRig.Append(_rig, "orders", 100);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData("orders/messages?from=5", "from must be seq:N")]
    [InlineData("orders/messages?from=seq:-1", "from must be seq:N")]
    [InlineData("orders/messages?from=time:yesterday", "from must be seq:N")]
    [InlineData("orders/messages?from=last:0", "from must be seq:N")]
    [InlineData("orders/messages?from=seq:0&to=x", "to must be seq:N")]
    [InlineData("orders/messages?from=position:3", "No message of the queue starts at position 3.")]
    [InlineData("orders/messages?from=seq:0&limit=0", "limit must be a whole number from 1 to 1000.")]
    [InlineData("orders/messages?from=seq:0&limit=1001", "limit must be a whole number from 1 to 1000.")]
    [InlineData("orders/messages?from=seq:0&direction=up", "direction must be forward or backward.")]
    [InlineData("orders/messages?from=seq:0&schema=Nothing", "The host has no schema 'Nothing'")]
    [InlineData("orders/messages?from=seq:0&filter=value%20%3E%201", "A filter needs the schema")]
    [InlineData("orders/messages?from=seq:0&schema=IoTTelemetry&filter=nothing%20%3E%201", "The filter is not valid")]
    [InlineData("orders/messages?from=seq:0&schema=IoTTelemetry&filter=value", "The filter is not a condition")]
    [InlineData("orders/messages?from=seq:0&lattice=/x", "lattice must not begin with '/'")]
    [InlineData("orders/export?to=x", "to must be seq:N")]
    [InlineData("orders/export?direction=backward&from=last:1", "An export has older messages first, so direction must not be backward.")]
    public async Task An_invalid_search_is_refused_with_the_reason(string path, string reason)
    {
        HttpResponseMessage answer = await _client.GetAsync($"/api/queues/{path}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.StartsWith(reason, (await ErrorAsync(answer))!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing/messages?from=seq:0", "There is no queue with this name.")]
    [InlineData("nothing/export", "There is no queue with this name.")]
    [InlineData("nothing/messages/0", "There is no queue with this name.")]
    [InlineData("parts/messages?from=seq:0", "The queue is partitioned, and each partition has its own messages. Name a partition,")]
    [InlineData("orders/messages/100", "The queue has no message 100")]
    public async Task What_does_not_exist_is_not_found(string path, string reason)
    {
        await Eventually.TrueAsync(async () => (await _client.GetAsync("/api/queues/parts")).IsSuccessStatusCode, "a sample has the queue");

        HttpResponseMessage answer = await _client.GetAsync($"/api/queues/{path}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.StartsWith(reason, (await ErrorAsync(answer))!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("from=seq:2&limit=3", "2,3,4", "limit", 5, 1)]
    [InlineData("from=seq:0&limit=2", "0,1", "limit", 2, null)]
    [InlineData("from=seq:97", "97,98,99", "end", null, 96)]
    [InlineData("from=seq:500", "", "end", null, 99)]
    [InlineData("from=last:2", "98,99", "end", null, 97)]
    [InlineData("from=seq:10&to=seq:12", "10,11,12", "end", 13, 9)]
    [InlineData("from=time:0&limit=1", "0", "limit", 1, null)]
    [InlineData("from=time:2100-01-01T00:00:00Z", "", "end", null, 99)]
    [InlineData("from=seq:0&to=time:2001-01-01T00:00:00Z", "", "end", 0, null)]
    [InlineData("from=seq:0&to=time:2100-01-01&limit=1000&schema=IoTTelemetry&filter=value%20%3E%3D%2097", "97,98,99", "end", null, null)]
    [InlineData("from=seq:0&limit=2&schema=IoTTelemetry&filter=value%20%3E%2050", "51,52", "limit", 53, null)]
    [InlineData("from=seq:0&path=/devices/pump-7/telemetry", "7", "end", null, null)]
    [InlineData("from=seq:0&schema=DeadLetter", "", "end", null, null)]
    [InlineData("from=seq:5&direction=backward&limit=3", "5,4,3", "limit", 6, 2)]
    [InlineData("from=seq:2&direction=backward", "2,1,0", "end", 3, null)]
    [InlineData("from=seq:500&direction=backward&limit=2", "99,98", "limit", null, 97)]
    [InlineData("from=seq:99&direction=backward&limit=2&schema=IoTTelemetry&filter=value%20%3C%205", "4,3", "limit", null, 2)]
    public async Task A_search_finds_messages_and_tells_where_it_continues(
        string query, string sequences, string reason, int? next, int? previous)
    {
        HttpResponseMessage answer = await _client.GetAsync($"/api/queues/orders/messages?{query}");
        JsonElement[] lines = await LinesAsync(answer);

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(sequences, string.Join(',', lines[..^1].Where(line => line.TryGetProperty("message", out _))
            .Select(line => line.GetProperty("message").GetProperty("sequence").GetInt64())));
        JsonElement end = lines[^1].GetProperty("end");
        Assert.Equal(reason, end.GetProperty("reason").GetString());
        Assert.Equal(next, Number(end, "nextSequence"));
        Assert.Equal(previous, Number(end, "previousSequence"));
        Assert.Equal(100, Number(end, "endSequence"));
        Assert.Equal(lines.Length - 1, end.GetProperty("matched").GetInt32());
    }

    [Fact]
    public async Task A_search_starts_at_a_position()
    {
        JsonElement message = (await LinesAsync(await _client.GetAsync("/api/queues/orders/messages?from=seq:42&limit=1")))[0];
        long position = message.GetProperty("message").GetProperty("position").GetInt64();

        JsonElement[] lines = await LinesAsync(await _client.GetAsync($"/api/queues/orders/messages?from=position:{position}&limit=1"));

        Assert.Equal(42, lines[0].GetProperty("message").GetProperty("sequence").GetInt64());
        Assert.Equal("pump-42", lines[0].GetProperty("message").GetProperty("message").GetProperty("device_id").GetString());
    }

    [Fact]
    public async Task An_export_is_a_file_of_messages()
    {
        HttpResponseMessage answer =
            await _client.GetAsync("/api/queues/orders/export?from=seq:90&schema=IoTTelemetry&filter=value%20!=%2095");

        Assert.Equal("orders.ndjson", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition.DispositionType);
        Assert.Equal([90, 91, 92, 93, 94, 96, 97, 98, 99],
            (await LinesAsync(answer)).Select(message => message.GetProperty("sequence").GetInt32()));
    }

    [Fact]
    public async Task A_message_is_returned_with_its_bytes_and_neighbors()
    {
        JsonElement message = await ApiRig.JsonAsync(_client, "/api/queues/orders/messages/42");

        Assert.Equal("pump-42", message.GetProperty("message").GetProperty("device_id").GetString());
        byte[] bytes = ApiRig.Telemetry(42);
        Assert.Equal((bytes.Length, Convert.ToHexStringLower(bytes)),
            (message.GetProperty("length").GetInt32(), message.GetProperty("bytes").GetString()));
        Assert.Equal((41, 43), (Number(message, "previousSequence"), Number(message, "nextSequence")));
        Assert.False(message.GetProperty("witnessed").GetBoolean());
        JsonElement first = await ApiRig.JsonAsync(_client, "/api/queues/orders/messages/0");
        JsonElement last = await ApiRig.JsonAsync(_client, "/api/queues/orders/messages/99");
        Assert.Null(Number(first, "previousSequence"));
        Assert.Null(Number(last, "nextSequence"));
    }

    [Fact]
    public async Task A_dead_letter_is_returned_with_the_message_that_was_refused()
    {
        Assert.True(_rig.Parts.Sinks.DeadLetters.TryAppend(1_700_000_000_000_000_000, "devices",
            new WireMessage("devices/pump-7/telemetry"u8, "not JSON"u8), "the message is not JSON"));

        JsonElement message = await ApiRig.JsonAsync(_client, "/api/queues/dead-letters/messages/0");

        JsonElement letter = message.GetProperty("deadLetter");
        Assert.Equal(("devices", "devices/pump-7/telemetry", "the message is not JSON"), (letter.GetProperty("adapter").GetString(),
            letter.GetProperty("topic").GetString(), letter.GetProperty("reason").GetString()));
        Assert.Equal(Convert.ToHexStringLower("not JSON"u8), letter.GetProperty("originalBytes").GetString());
        Assert.Equal(8, letter.GetProperty("originalLength").GetInt32());
    }

    [Fact]
    public async Task Clients_that_leave_end_their_searches()
    {
        ApiRig.Append(_rig, "orders", 50_000);
        for (int i = 0; i < 20; i++)
        {
            using CancellationTokenSource left = new();
            Task<HttpResponseMessage> search = _client.GetAsync(
                "/api/queues/orders/export?schema=IoTTelemetry&filter=value%20%3E%200", HttpCompletionOption.ResponseHeadersRead,
                left.Token);
            using HttpResponseMessage answer = await search;
            await left.CancelAsync();
        }

        // Without their end, these searches would have the permits.
        await Eventually.TrueAsync(async () =>
        {
            using HttpResponseMessage answer = await _client.GetAsync("/api/queues/orders/messages?from=last:1");
            return answer.StatusCode == HttpStatusCode.OK;
        }, "a search runs");
    }

    private static int? Number(JsonElement parent, string name) =>
        parent.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null;

    private static async Task<JsonElement[]> LinesAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync();
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    private static async Task<string?> ErrorAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString();
}
