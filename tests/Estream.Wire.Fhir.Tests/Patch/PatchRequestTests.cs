using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Patch;

public sealed class PatchRequestTests
{
    private const string Observation = """
        {"resourceType":"Observation","id":"o","identifier":[{"value":"1"}],"status":"preliminary","code":{"text":"c"},
         "valueQuantity":{"value":7.200},"x-unknown":[1.00]}
        """;

    private const string Final = """[{"op":"replace","path":"/status","value":"final"}]""";

    [Fact]
    public async Task Patch_makes_a_version_and_keeps_digits_and_unknown_elements()
    {
        await using ServerRig rig = await StartAsync();
        Answer stale = await rig.SendAsync("PATCH", "Observation/o", Final, null, ("If-Match", "W/\"2\""));
        Assert.Equal((412, "conflict"), (stale.Status, stale.Issue));
        Answer patched = await rig.SendAsync("PATCH", "Observation/o", Final, null, ("If-Match", "W/\"1\""));
        Assert.Equal((200, "W/\"2\""), (patched.Status, patched.ETag));
        await rig.RestartAsync();
        Answer read = await rig.SendAsync("GET", "Observation/o");
        Assert.Equal(patched.Body, read.Body);
        Assert.Contains("\"status\":\"final\"", read.Body, StringComparison.Ordinal);
        Assert.Contains("\"value\":7.200", read.Body, StringComparison.Ordinal);
        Assert.Contains("\"x-unknown\":[1.00]", read.Body, StringComparison.Ordinal);
        Assert.Equal("2", read.Root.GetProperty("meta").GetProperty("versionId").GetString());
        Assert.Equal(["o"], (await rig.SendAsync("GET", "Observation?status=final")).Ids);
        Assert.Empty((await rig.SendAsync("GET", "Observation?status=preliminary")).Ids);
    }

    [Theory]
    [InlineData("Observation/o", """[{"op":"test","path":"/status","value":"final"},{"op":"remove","path":"/identifier"}]""", 422)]
    [InlineData("Observation/o", """[{"op":"remove","path":"/status"}]""", 422)]
    [InlineData("Observation/o", """[{"op":"replace","path":"/status","value":"good"}]""", 422)]
    [InlineData("Observation/o", """[{"op":"replace","path":"/id","value":"p"}]""", 400)]
    [InlineData("Observation/o", """[{"op":"replace","path":"/resourceType","value":"Patient"}]""", 400)]
    [InlineData("Observation/o", """[{"op":"replace","path":"","value":[]}]""", 400)]
    [InlineData("Observation?identifier=1&status=preliminary", """{}""", 400)]
    [InlineData("Observation", "[]", 400)]
    public async Task Refused_patch_stores_nothing(string path, string patch, int status)
    {
        await using ServerRig rig = await StartAsync();
        Assert.Equal(status, (await rig.SendAsync("PATCH", path, patch)).Status);
        Assert.Equal("W/\"1\"", (await rig.SendAsync("GET", "Observation/o")).ETag);
    }

    [Fact]
    public async Task Conditional_patch_changes_the_single_match()
    {
        await using ServerRig rig = await StartAsync();
        Assert.Equal("W/\"2\"", (await rig.SendAsync("PATCH", "Observation?identifier=1", Final)).ETag);
        await rig.SendAsync("PUT", "Observation/q", Observation.Replace("\"o\"", "\"q\"", StringComparison.Ordinal));
        Assert.Equal(412, (await rig.SendAsync("PATCH", "Observation?identifier=1", Final)).Status);
        Assert.Equal(204, (await rig.SendAsync("DELETE", "Observation/o")).Status);
        Assert.Equal(410, (await rig.SendAsync("PATCH", "Observation/o", Final)).Status);
    }

    [Fact]
    public async Task Patch_needs_its_content_type_and_a_request_of_its_own()
    {
        await using ServerRig rig = await StartAsync();
        using HttpClient client = new();
        using StringContent body = new(Final, Encoding.UTF8, ServerRig.Json);
        using HttpResponseMessage answer = await client.PatchAsync(new Uri(rig.BaseUrl + "Observation/o"), body);
        Assert.Equal(415, (int)answer.StatusCode);
        Answer batch = await rig.SendAsync("POST", "", """
            {"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Binary"},
             "request":{"method":"PATCH","url":"Observation/o"}}]}
            """);
        Assert.Contains("\"status\":\"400\"", batch.Body, StringComparison.Ordinal);
        JsonElement capabilities = (await rig.SendAsync("GET", "metadata")).Root;
        Assert.Equal("application/json-patch+json", capabilities.GetProperty("patchFormat")[0].GetString());
    }

    private static async Task<ServerRig> StartAsync()
    {
        ServerRig rig = await ServerRig.StartAsync();
        Assert.Equal(201, (await rig.SendAsync("PUT", "Observation/o", Observation)).Status);
        return rig;
    }
}
