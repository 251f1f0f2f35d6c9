using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: no caller can fill the audit queue with requests that change nothing, and each change is recorded.</summary>
[Collection(ProcessCollection.Name)]
public sealed class AuditTrailTests
{
    private const int Count = 2 * AuditTrail.WithoutEffect;

    [Theory]
    [InlineData("PUT", "/api/session", HttpStatusCode.OK)]
    [InlineData("DELETE", "/api/session", HttpStatusCode.NoContent)]
    [InlineData("PUT", "/api/reload", HttpStatusCode.Forbidden)]
    [InlineData("PUT", "/api/queues/nothing/pause", HttpStatusCode.NotFound, AccessRole.Operator)]
    [InlineData("PUT", "/api/queues/dead-letters/redrive?dryRun=true", HttpStatusCode.OK, AccessRole.Operator)]
    [InlineData("PUT", "/api/reload?dryRun=true", HttpStatusCode.OK, AccessRole.Admin)]
    public async Task Requests_without_effect_are_recorded_up_to_a_limit_for_each_token(
        string method, string path, HttpStatusCode expected, AccessRole role = AccessRole.Viewer)
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using HttpClient client = rig.Client;
        string ann = TokenOf(rig, "ann", role);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(expected, await SendAsync(client, ann, method, path));
        }

        Assert.Equal(HttpStatusCode.OK, await SendAsync(client, TokenOf(rig, "bob", AccessRole.Viewer), "PUT", "/api/session"));

        string[] actors = await ActorsAsync(client, TokenOf(rig, "eve", AccessRole.Viewer));
        Assert.Equal(AuditTrail.WithoutEffect, actors.Count(actor => actor == "ann"));
        Assert.Single(actors, "bob");
    }

    [Fact]
    public async Task Changes_are_recorded_without_a_limit()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using HttpClient client = rig.Client;
        string ann = TokenOf(rig, "ann", AccessRole.Operator);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await SendAsync(client, ann, "PUT", "/api/session"));
        }

        for (int i = 0; i < Count; i++)
        {
            string action = i % 2 == 0 ? "pause" : "resume";
            Assert.Equal(HttpStatusCode.OK, await SendAsync(client, ann, "PUT", $"/api/queues/telemetry/{action}"));
        }

        string[] actors = await ActorsAsync(client, ann);
        Assert.Equal(AuditTrail.WithoutEffect + Count, actors.Count(actor => actor == "ann"));
    }

    [Fact]
    public async Task Each_change_of_a_dashboard_is_one_record()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using HttpClient client = rig.Client;
        string ann = TokenOf(rig, "ann", AccessRole.Operator);
        string? tag = null;
        foreach (string method in (string[])["PUT", "PUT", "DELETE"])
        {
            using HttpRequestMessage request = new(new HttpMethod(method), "/api/dashboards/plant");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ann);
            request.Headers.TryAddWithoutValidation(tag is null ? "If-None-Match" : "If-Match", tag ?? "*");
            request.Content = new StringContent("""{"format":1,"title":"Plant","widgets":[]}""", Encoding.UTF8, "application/json");
            request.Content = method == "DELETE" ? null : request.Content;
            using HttpResponseMessage answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            tag = answer.Headers.ETag?.ToString();
        }

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ann);
        JsonElement acts = await ApiRig.JsonAsync(client, "/api/audit?last=1000");
        Assert.Equal(["PUT /api/dashboards/{name}", "PUT /api/dashboards/{name}", "DELETE /api/dashboards/{name}"],
            acts.EnumerateArray().Select(act => act.GetProperty("message")).Where(act => act.GetProperty("actor").GetString() == "ann")
                .Select(act => act.GetProperty("action").GetString()));
    }

    private static string TokenOf(ReloadRig rig, string name, AccessRole role) =>
        AccessTokenFile.Create(Path.Combine(rig.Data, "tokens"), name, role, null, DateTimeOffset.UtcNow);

    private static async Task<HttpStatusCode> SendAsync(HttpClient client, string token, string method, string path)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<string[]> ActorsAsync(HttpClient client, string token)
    {
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        JsonElement acts = await ApiRig.JsonAsync(client, "/api/audit?last=1000");
        return [.. acts.EnumerateArray().Select(act => act.GetProperty("message").GetProperty("actor").GetString()!)];
    }
}
