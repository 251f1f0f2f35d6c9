using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Tests.Process;
using Estream.Host.Tests.Runtime.Reload;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

/// <summary>Goal: an operator finds every part by name, and sees the configuration and the tokens without their secrets.</summary>
[Collection(ProcessCollection.Name)]
public sealed class InspectionTests
{
    [Theory]
    [InlineData("telemetry", "TELE", 0)]
    [InlineData("telemetry", "metr", 1)]
    [InlineData("telemetry", "tmy", 2)]
    [InlineData("telemetry", "tyx", null)]
    [InlineData("telemetry", "", 0)]
    public void Names_are_ranked_by_start_part_and_letters(string name, string text, int? rank) =>
        Assert.Equal(rank, FindEndpoint.RankOf(name, text));

    [Fact]
    public async Task Parts_are_found_by_name()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next(), estream =>
        {
            estream["Queues"]!["old-devices"] = new JsonObject();
            estream["Maps"] = new JsonObject
            {
                ["latest"] = new JsonObject { ["Queue"] = "telemetry", ["Schema"] = "IoTTelemetry", ["Key"] = "device_id" },
            };
        });
        using HttpClient client = rig.Client;

        Assert.Equal([("adapter", "devices"), ("queue", "old-devices")],
            Found(await ApiRig.JsonAsync(client, "/api/find?text=devices")));
        Assert.Contains(("schema", "IoTTelemetry"), Found(await ApiRig.JsonAsync(client, "/api/find?text=iottel")));
        Assert.Equal(("map", "latest"), Found(await ApiRig.JsonAsync(client, "/api/find?text=lat&limit=1")).Single());
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/api/find?limit=201")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync($"/api/find?text={new string('x', 129)}")).StatusCode);
        Assert.Equal("[]", await client.GetStringAsync("/api/components"));
    }

    [Theory]
    [InlineData("Estream:Adapters:a:Password", "x", false, "hidden")]
    [InlineData("Estream:Alerts:Webhook:Url", "https://hooks.example.org/services/T0/B0/abc", false, "https://hooks.example.org/hidden")]
    [InlineData("Estream:Alerts:Webhook:SecretFile", "/run/secret", false, "/run/secret")]
    [InlineData("Estream:Adapters:a:PasswordFile", "/run/secret", false, "/run/secret")]
    [InlineData("Estream:Http:TokenEnv", "TOKEN", false, "TOKEN")]
    [InlineData("Estream:Maps:latest:Key", "device_id", false, "device_id")]
    [InlineData("Estream:Adapters:a:Key", "abc", true, "hidden")]
    [InlineData("Estream:Adapters:a:Tokens:0", "abc", true, "hidden")]
    [InlineData("Estream:Adapters:a:KeyFile", "abc", true, "hidden")]
    [InlineData("Estream:Adapters:a:Host", "10.0.0.5", true, "10.0.0.5")]
    [InlineData("Estream:Replication:Brokers:0", "amqps://me:pw@b1:5671/vh", false, "amqps://hidden@b1:5671/vh")]
    [InlineData("Estream:Adapters:a:Url", "https://h/p?sig=abc", false, "https://h/p?hidden")]
    [InlineData("Estream:Adapters:a:Url", "https://h/p@x", false, "https://h/p@x")]
    [InlineData("Estream:Adapters:a:Topic", "a@b/c", false, "a@b/c")]
    [InlineData("Estream:Adapters:a:Password", null, false, null)]
    [InlineData("Estream:Adapters:a:Login:Value", "s3cret", true, "hidden")]
    [InlineData("Estream:Adapters:a:Credentials:0:B", "s3cret", true, "hidden")]
    [InlineData("Estream:Adapters:a:Headers:X-Acme", "Bearer abc", true, "hidden")]
    [InlineData("Estream:Adapters:a:Database", "Server=db;Password=abc", true, "hidden")]
    [InlineData("Estream:Adapters:a:Database", "Server=db; PWD = abc", false, "hidden")]
    [InlineData("Estream:Adapters:a:Body", "{\"token\": \"abc\"}", true, "hidden")]
    [InlineData("Estream:Adapters:a:Urls", "mqtt://h,mqtt://me:pw@g", true, "hidden")]
    [InlineData("Estream:Adapters:a:Mappings:0:Topic", "devices/{key}", true, "devices/{key}")]
    [InlineData("Estream:Adapters:keys:Host", "10.0.0.5", true, "10.0.0.5")]
    [InlineData("Estream:Adapters:a:Filter", "token == 'a'", false, "token == 'a'")]
    public void Secrets_of_settings_are_hidden(string path, string? value, bool isComponent, string? shown) =>
        Assert.Equal(shown, SecretSettings.Hide(path, value, isComponent));

    [Fact]
    public async Task The_configuration_is_a_tree_and_tokens_have_no_secret()
    {
        await using ReloadRig rig = await ReloadRig.StartAsync(FreePort.Next());
        using HttpClient client = rig.Client;
        JsonElement configuration = (await ApiRig.JsonAsync(client, "/api/configuration")).GetProperty("Estream");
        string tokens = Path.Combine(rig.Data, "tokens");
        AccessScopes scopes = AccessScopes.Create(["telemetry:read"], [], reachesFhir: false);
        string admin = AccessTokenFile.Create(tokens, "root", AccessRole.Admin, null, DateTimeOffset.UtcNow);
        string viewer = AccessTokenFile.Create(tokens, "ann", AccessRole.Viewer, TimeSpan.FromDays(1), DateTimeOffset.UtcNow, scopes);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin);

        string text = await client.GetStringAsync("/api/tokens");
        JsonElement[] listed = [.. JsonDocument.Parse(text).RootElement.EnumerateArray()];
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", viewer);
        HttpResponseMessage refused = await client.GetAsync("/api/tokens");

        Assert.Equal((65_536, "IoTTelemetry"), (configuration.GetProperty("Queues").GetProperty("telemetry").GetProperty("SegmentBytes")
            .GetInt32(), configuration.GetProperty("Adapters").GetProperty("devices").GetProperty("Mappings")[0].GetProperty("Schema")
            .GetString()));
        Assert.Equal([("root", "admin"), ("ann", "viewer")],
            listed.Select(token => (token.GetProperty("name").GetString(), token.GetProperty("role").GetString())));
        Assert.Equal("""["queue=telemetry:read","fhir=none"]""", listed[1].GetProperty("scopes").GetRawText());
        Assert.Equal(86_400_000, listed[1].GetProperty("expiresAt").GetInt64() - listed[1].GetProperty("createdAt").GetInt64());
        Assert.DoesNotContain(viewer, text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/configuration")).StatusCode);
    }

    private static IEnumerable<(string?, string?)> Found(JsonElement answer) => answer.GetProperty("results").EnumerateArray()
        .Select(part => (part.GetProperty("kind").GetString(), part.GetProperty("name").GetString()));
}
