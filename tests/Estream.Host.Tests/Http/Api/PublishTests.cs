using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Crypto;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: an operator appends a message and pauses a queue, within the rights of the token, and each act is recorded.</summary>
[Collection(ProcessCollection.Name)]
public sealed class PublishTests : IAsyncLifetime
{
    private const string Reading =
        """{"schema":"IoTTelemetry","message":{"device_id":"pump-7","timestamp":1,"metric_name":"flow","value":1.5}}""";

    private ReloadRig _rig = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _rig = await ReloadRig.StartAsync(FreePort.Next(),
            estream =>
        {
            estream["Queues"]!["parts"] = new JsonObject { ["Partitions"] = 2 };
            estream["Client"] = new JsonObject { ["Maps"] = new JsonObject { ["settings"] = new JsonObject { ["MaxEntries"] = 100 } } };
        });
        _client = _rig.Client;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_published_message_is_stored_and_its_place_returned()
    {
        HttpResponseMessage answer = await PostAsync("telemetry", Reading);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        JsonElement place = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        JsonElement stored = await ApiRig.JsonAsync(_client, answer.Headers.Location!.ToString());
        foreach (string member in (string[])["position", "sequence", "time"])
        {
            Assert.Equal(stored.GetProperty(member).GetInt64(), place.GetProperty(member).GetInt64());
        }

        Assert.Equal("flow", stored.GetProperty("message").GetProperty("metric_name").GetString());
        string acts = await _client.GetStringAsync("/api/audit");
        Assert.Contains("POST /api/queues/{name}/messages", acts, StringComparison.Ordinal);
        Assert.Contains("HTTP 201; message 0", acts, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", Reading, HttpStatusCode.NotFound, "There is no queue with this name.")]
    [InlineData("parts", Reading, HttpStatusCode.NotFound, "The queue is partitioned")]
    [InlineData("dead-letters", Reading, HttpStatusCode.Forbidden, "The host writes the dead letters.")]
    [InlineData("telemetry", "1", HttpStatusCode.BadRequest, "The body must be a JSON object.")]
    [InlineData("telemetry", """{"message":{}}""", HttpStatusCode.BadRequest, "The host has no schema ''.")]
    [InlineData("telemetry", """{"schema":"IoTTelemetry"}""", HttpStatusCode.BadRequest, "The member message is missing.")]
    [InlineData("telemetry", """{"schema":"IoTTelemetry","message":1}""", HttpStatusCode.BadRequest, "message is not a valid IoTTelemetry")]
    [InlineData("telemetry", """{"schema":"IoTCommand","message":{}}""", HttpStatusCode.BadRequest, "IoTCommand has private fields")]
    public async Task An_invalid_message_is_refused_with_the_reason(string queue, string body, HttpStatusCode expected, string reason)
    {
        await Eventually.TrueAsync(async () => (await _client.GetAsync("/api/queues/parts")).IsSuccessStatusCode, "a sample has the queue");

        HttpResponseMessage answer = await PostAsync(queue, body);

        Assert.Equal(expected, answer.StatusCode);
        Assert.StartsWith(reason, await ErrorAsync(answer), StringComparison.Ordinal);
        Assert.Equal("[]", await _client.GetStringAsync("/api/queues/telemetry/messages"));
    }

    [Fact]
    public async Task Only_a_token_that_may_append_publishes()
    {
        string tokens = Path.Combine(_rig.Data, "tokens");
        AccessScopes reader = AccessScopes.Create(["telemetry:read"], [], reachesFhir: true);
        AccessScopes writer = AccessScopes.Create(["telemetry:append"], [], reachesFhir: true);
        string read = AccessTokenFile.Create(tokens, "ann", AccessRole.Operator, null, DateTimeOffset.UtcNow, reader);
        string write = AccessTokenFile.Create(tokens, "bob", AccessRole.Operator, null, DateTimeOffset.UtcNow, writer);
        string viewer = AccessTokenFile.Create(tokens, "eve", AccessRole.Viewer, null, DateTimeOffset.UtcNow);

        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync("telemetry", Reading, read)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync("telemetry", Reading, viewer)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("dead-letters", Reading, write)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("telemetry", Reading, write)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync("telemetry", Reading)).StatusCode);
    }

    [Fact]
    public async Task A_session_lists_its_scopes_and_queues_and_maps_give_the_reason_for_a_refusal()
    {
        string tokens = Path.Combine(_rig.Data, "tokens");
        AccessScopes scopes = AccessScopes.Create(["telemetry:read"], ["settings:read"], reachesFhir: true);
        string read = AccessTokenFile.Create(tokens, "ann", AccessRole.Operator, null, DateTimeOffset.UtcNow, scopes);
        string all = AccessTokenFile.Create(tokens, "bob", AccessRole.Operator, null, DateTimeOffset.UtcNow);

        Assert.Equal("[]", (await GetAsync("/api/session", all)).GetProperty("scopes").GetRawText());
        Assert.Contains("queue=telemetry:read", (await GetAsync("/api/session", read)).GetProperty("scopes").GetRawText(),
            StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, (await GetAsync("/api/queues/telemetry", all)).GetProperty("whyNotPublish").ValueKind);
        Assert.Equal("The host writes the dead letters.",
            (await GetAsync("/api/queues/dead-letters", all)).GetProperty("whyNotPublish").GetString());
        Assert.StartsWith("The scopes of ann do not include to append to queue 'telemetry'.",
            (await GetAsync("/api/queues/telemetry", read)).GetProperty("whyNotPublish").GetString(), StringComparison.Ordinal);
        Assert.True((await GetAsync("/api/maps", all)).GetProperty("maps")[0].GetProperty("writable").GetBoolean());
        JsonElement map = (await GetAsync("/api/maps", read)).GetProperty("maps")[0];
        Assert.False(map.GetProperty("writable").GetBoolean());
        Assert.StartsWith("The scopes of ann do not include to change map 'settings'.", map.GetProperty("whyReadOnly").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_queue_accepts_nothing_until_it_is_resumed()
    {
        HttpResponseMessage paused = await _client.PutAsync("/api/queues/telemetry/pause", null);
        JsonElement queue = JsonDocument.Parse(await paused.Content.ReadAsStringAsync()).RootElement;
        HttpResponseMessage refused = await PostAsync("telemetry", Reading);
        HttpResponseMessage resumed = await _client.PutAsync("/api/queues/telemetry/resume", null);
        HttpResponseMessage accepted = await PostAsync("telemetry", Reading);

        Assert.Equal("""["operator"]""", queue.GetProperty("pauseReasons").GetRawText());
        Assert.True(queue.GetProperty("isPaused").GetBoolean());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("has paused queue 'telemetry'", await ErrorAsync(refused), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        Assert.Equal(HttpStatusCode.Created, accepted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.PutAsync("/api/queues/nothing/pause", null)).StatusCode);
    }

    [Fact]
    public async Task A_paused_partitioned_queue_pauses_its_partitions()
    {
        await Eventually.TrueAsync(async () => (await _client.GetAsync("/api/queues/parts")).IsSuccessStatusCode, "a sample has the queue");

        Assert.Equal(HttpStatusCode.OK, (await _client.PutAsync("/api/queues/parts/pause", null)).StatusCode);

        Assert.True((await ApiRig.JsonAsync(_client, "/api/queues/parts.0001")).GetProperty("isPaused").GetBoolean());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync("parts.0001", Reading)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("telemetry", Reading)).StatusCode);
    }

    private async Task<HttpResponseMessage> PostAsync(string queue, string body, string? token = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"/api/queues/{queue}/messages")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await _client.SendAsync(request);
    }

    private async Task<JsonElement> GetAsync(string address, string token)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        HttpResponseMessage answer = await _client.SendAsync(request);
        return JsonDocument.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement;
    }

    private static async Task<string> ErrorAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!;
}
