using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Client;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: every map of a host is listed, paged and read over REST, and only maps of clients are changed.</summary>
[Collection(ProcessCollection.Name)]
public sealed class MapApiTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = new();
    private ReloadRig _rig = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        string pipeline = _directory.Combine("newest.pipeline.yaml");
        File.WriteAllText(pipeline, """
            version: "1.0"
            pipelines:
              newest:
                from: { queue: telemetry, schema: IoTTelemetry }
                to: { map: newest, key: device_id }
            """);
        _rig = await ReloadRig.StartAsync(FreePort.Next(), estream =>
        {
            estream["Pipelines"] = new JsonArray(pipeline);
            estream["Client"] = new JsonObject { ["Maps"] = new JsonObject { ["settings"] = new JsonObject { ["MaxEntries"] = 100 } } };
            estream["Maps"] = new JsonObject
            {
                ["latest"] = new JsonObject { ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry", ["Key"] = "device_id" },
            };
        });
        _client = _rig.Client;
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _rig.DisposeAsync();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Every_map_is_listed_with_its_owner()
    {
        ApiRig.Append(_rig, "telemetry", 3);
        await PutAsync("settings/a", """{"text":"x"}""");

        JsonElement list = await ApiRig.JsonAsync(_client, "/api/maps");
        JsonElement page = await ApiRig.JsonAsync(_client, "/api/maps?limit=2");
        JsonElement found = await ApiRig.JsonAsync(_client, "/api/maps?search=ETT");

        Assert.Equal([("latest", "queue", "telemetry", false), ("newest", "pipeline", "newest", false), ("settings", "client", "", true)],
            list.GetProperty("maps").EnumerateArray().Select(map => (map.GetProperty("name").GetString(),
                map.GetProperty("owner").GetString(), map.GetProperty("source").GetString(), map.GetProperty("writable").GetBoolean())));
        Assert.Equal(1, list.GetProperty("maps")[2].GetProperty("entries").GetInt64());
        Assert.StartsWith("The map contains the newest messages of queue telemetry.",
            list.GetProperty("maps")[0].GetProperty("whyReadOnly").GetString(), StringComparison.Ordinal);
        Assert.Equal((2, "newest", 3), (page.GetProperty("maps").GetArrayLength(), page.GetProperty("next").GetString(),
            page.GetProperty("total").GetInt32()));
        Assert.Equal("settings", Assert.Single(found.GetProperty("maps").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("settings", (await ApiRig.JsonAsync(_client, "/api/maps?after=newest")).GetProperty("maps")[0].GetProperty("name")
            .GetString());
    }

    [Fact]
    public async Task Entries_of_clients_are_shown_as_text_bytes_or_messages()
    {
        await PutAsync("settings/a", """{"text":"größe"}""");
        await PutAsync("settings/b", """{"bytes":"00ff"}""");
        await PutAsync("settings/c", """
            {"schema":"IoTTelemetry","message":{"device_id":"d","timestamp":1,"metric_name":"m","value":2},"timeToLiveSeconds":3600}
            """);
        await PutAsync("settings/d%2Fe", """{"text":""}""");
        await using EstreamClient client = await _rig.ConnectAsync();
        await client.Map("settings").PutAsync(new byte[] { 0xff, 0x01 }, new byte[] { 1 });

        JsonElement page = await ApiRig.JsonAsync(_client, "/api/maps/settings");
        JsonElement second = await ApiRig.JsonAsync(_client, "/api/maps/settings?limit=1&after=a");

        JsonElement[] entries = [.. page.GetProperty("entries").EnumerateArray()];
        Assert.Equal(["a", "b", "c", "d/e", "\ufffd\u0001"], entries.Select(entry => entry.GetProperty("key").GetString()));
        Assert.Equal("größe", entries[0].GetProperty("text").GetString());
        Assert.Equal(JsonValueKind.Null, entries[0].GetProperty("expiresAt").ValueKind);
        Assert.Equal("00ff", entries[1].GetProperty("bytes").GetString());
        Assert.Equal(("IoTTelemetry", 2), (entries[2].GetProperty("schema").GetString(),
            entries[2].GetProperty("message").GetProperty("value").GetInt32()));
        Assert.InRange(entries[2].GetProperty("expiresAt").GetInt64(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            DateTimeOffset.UtcNow.AddHours(2).ToUnixTimeMilliseconds());
        Assert.Equal("ff01", entries[4].GetProperty("keyBytes").GetString());
        Assert.Equal(("client", true, "local", 5), (page.GetProperty("owner").GetString(), page.GetProperty("writable").GetBoolean(),
            page.GetProperty("role").GetString(), page.GetProperty("total").GetInt32()));
        Assert.Equal(("b", "b"), (second.GetProperty("entries")[0].GetProperty("key").GetString(), second.GetProperty("next").GetString()));
        Assert.Equal("", (await ApiRig.JsonAsync(_client, "/api/maps/settings/d%2Fe")).GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_change_requires_the_present_version_if_it_names_one()
    {
        long first = await VersionAsync(await PutAsync("settings/k", """{"text":"1","ifVersion":0}"""));
        HttpResponseMessage conflict = await PutAsync("settings/k", """{"text":"2","ifVersion":0}""");
        long second = await VersionAsync(await PutAsync("settings/k", $$"""{"text":"3","ifVersion":{{first}}}"""));
        HttpResponseMessage stale = await _client.DeleteAsync($"/api/maps/settings/k?ifVersion={first}");

        Assert.Equal((HttpStatusCode.Conflict, first), (conflict.StatusCode, await VersionAsync(conflict, isOk: false)));
        Assert.Equal((HttpStatusCode.Conflict, second), (stale.StatusCode, await VersionAsync(stale, isOk: false)));
        Assert.Equal("3", (await ApiRig.JsonAsync(_client, "/api/maps/settings/k")).GetProperty("text").GetString());
        Assert.Equal(HttpStatusCode.OK, (await _client.DeleteAsync($"/api/maps/settings/k?ifVersion={second}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync("/api/maps/settings/k")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.DeleteAsync("/api/maps/settings/k")).StatusCode);
    }

    [Theory]
    [InlineData("settings/k", "[]", HttpStatusCode.BadRequest, "The body must be a JSON object.")]
    [InlineData("settings/k", "{", HttpStatusCode.BadRequest, "The body is not valid JSON")]
    [InlineData("settings/k", "{}", HttpStatusCode.BadRequest, "The body must have exactly one of")]
    [InlineData("settings/k", """{"text":"x","bytes":"00"}""", HttpStatusCode.BadRequest, "The body must have exactly one of")]
    [InlineData("settings/k", """{"text":1}""", HttpStatusCode.BadRequest, "text must be a string.")]
    [InlineData("settings/k", """{"text":"\ud800"}""", HttpStatusCode.BadRequest, "text has half of a surrogate pair")]
    [InlineData("settings/k", """{"message":{},"schema":"\ud800"}""", HttpStatusCode.BadRequest, "schema has half of a surrogate pair")]
    [InlineData("settings/k", """{"bytes":"0g"}""", HttpStatusCode.BadRequest, "bytes must be hexadecimal.")]
    [InlineData("settings/k", """{"text":"x","ifVersion":-1}""", HttpStatusCode.BadRequest, "ifVersion must be a whole number")]
    [InlineData("settings/k", """{"text":"x","timeToLiveSeconds":0}""", HttpStatusCode.BadRequest, "timeToLiveSeconds must be")]
    [InlineData("settings/k", """{"message":{},"schema":"Nothing"}""", HttpStatusCode.BadRequest, "The host has no schema 'Nothing'.")]
    [InlineData("settings/k", """{"message":{},"schema":"IoTTelemetry"}""", HttpStatusCode.BadRequest, "message is not a valid IoT")]
    [InlineData("latest/k", """{"text":"x"}""", HttpStatusCode.Forbidden, "The map contains the newest messages of queue telemetry.")]
    [InlineData("newest/k", """{"text":"x"}""", HttpStatusCode.Forbidden, "The pipeline newest writes the map.")]
    [InlineData("nothing/k", """{"text":"x"}""", HttpStatusCode.NotFound, "There is no map with this name.")]
    public async Task An_invalid_change_is_refused_with_the_reason(string key, string body, HttpStatusCode expected, string reason)
    {
        HttpResponseMessage answer = await PutAsync(key, body);

        Assert.Equal(expected, answer.StatusCode);
        Assert.StartsWith(reason, await ErrorAsync(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_another_type_or_above_the_limit_is_refused()
    {
        HttpResponseMessage text = await _client.PutAsync("/api/maps/settings/k", new StringContent("""{"text":"x"}"""));
        HttpResponseMessage large = await PutAsync("settings/k", $$"""{"text":"{{new string('x', 1 << 20)}}"}""");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync("/api/maps/settings/k")).StatusCode);
    }

    [Fact]
    public async Task A_change_that_is_not_confirmed_is_reported_as_made()
    {
        TaskCompletionSource never = new();
        using CancellationTokenSource aborted = new();
        Task<string?> left = MapChangeEndpoint.ConfirmAsync(_ => new ValueTask(never.Task), Timeout.InfiniteTimeSpan, aborted.Token);

        string? late = await MapChangeEndpoint.ConfirmAsync(
            _ => new ValueTask(never.Task), TimeSpan.FromMilliseconds(1), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
        string? failed = await MapChangeEndpoint.ConfirmAsync(
            _ => throw new InvalidOperationException("The map is not replicated yet."), TimeSpan.FromMinutes(1), CancellationToken.None);
        await aborted.CancelAsync();

        Assert.Equal("The change was made here, but may not survive a failure of this machine: the brokers and the disk did not confirm "
            + "the change within 0.001 seconds. Do not send the change again; read the entry.", late);
        Assert.StartsWith("The change was made here, but may not survive a failure of this machine: The map is not replicated yet.", failed,
            StringComparison.Ordinal);
        Assert.Null(await MapChangeEndpoint.ConfirmAsync(_ => default, TimeSpan.FromMinutes(1), CancellationToken.None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
    }

    [Fact]
    public async Task A_full_map_refuses_new_entries()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await PutAsync($"settings/{i}", """{"text":"x"}""")).StatusCode);
        }

        HttpResponseMessage full = await PutAsync("settings/more", """{"text":"x"}""");

        Assert.Equal(HttpStatusCode.Conflict, full.StatusCode);
        Assert.StartsWith("The map has 100 entries, its maximum.", await ErrorAsync(full), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync("settings/7", """{"text":"y"}""")).StatusCode);
    }

    [Fact]
    public async Task The_history_of_a_key_is_its_messages_newest_first()
    {
        ApiRig.Append(_rig, "telemetry", 5);
        ApiRig.Append(_rig, "telemetry", 5);

        JsonElement history = await ApiRig.JsonAsync(_client, "/api/maps/latest/history?key=pump-3");
        JsonElement one = await ApiRig.JsonAsync(_client, "/api/maps/latest/history?key=pump-3&limit=1");
        JsonElement none = await ApiRig.JsonAsync(_client, "/api/maps/latest/history?key=pump-9");
        HttpResponseMessage client = await _client.GetAsync("/api/maps/settings/history?key=x");
        HttpResponseMessage pipeline = await _client.GetAsync("/api/maps/newest/history?key=x");

        Assert.Equal([8, 3],
            history.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("sequence").GetInt32()));
        Assert.True(history.GetProperty("complete").GetBoolean());
        Assert.Equal(8, Assert.Single(one.GetProperty("messages").EnumerateArray()).GetProperty("sequence").GetInt32());
        Assert.Equal("""{"messages":[],"complete":true}""", none.GetRawText());
        Assert.Equal((HttpStatusCode.NotFound, "The map keeps no earlier values."), (client.StatusCode, await ErrorAsync(client)));
        Assert.Equal(HttpStatusCode.NotFound, pipeline.StatusCode);
    }

    [Fact]
    public async Task A_token_with_scopes_changes_the_maps_of_its_scopes_only()
    {
        string tokens = Path.Combine(_rig.Data, "tokens");
        AccessScopes reader = AccessScopes.Create([], ["settings:read"], reachesFhir: true);
        AccessScopes other = AccessScopes.Create([], ["other:read,write"], reachesFhir: true);
        string read = AccessTokenFile.Create(tokens, "ann", AccessRole.Operator, null, DateTimeOffset.UtcNow, reader);
        string history = AccessTokenFile.Create(tokens, "kim", AccessRole.Viewer, null, DateTimeOffset.UtcNow,
            AccessScopes.Create([], ["latest:read"], reachesFhir: true));
        string none = AccessTokenFile.Create(tokens, "bob", AccessRole.Operator, null, DateTimeOffset.UtcNow, other);
        string viewer = AccessTokenFile.Create(tokens, "eve", AccessRole.Viewer, null, DateTimeOffset.UtcNow);

        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync("settings/k", """{"text":"x"}""", read)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync("settings/k", """{"text":"x"}""", none)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync("settings/k", """{"text":"x"}""", viewer)).StatusCode);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", history);
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/api/maps/latest")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _client.GetAsync("/api/maps/latest/history?key=pump-1")).StatusCode);
    }

    private async Task<HttpResponseMessage> PutAsync(string key, string body, string? token = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, $"/api/maps/{key}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await _client.SendAsync(request);
    }

    private static async Task<long> VersionAsync(HttpResponseMessage answer, bool isOk = true)
    {
        Assert.Equal(isOk, answer.IsSuccessStatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("version").GetInt64();
    }

    private static async Task<string> ErrorAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!;
}
