using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

public sealed class AccessRecordTests
{
    private const string Observation = """
        {"resourceType":"Observation","id":"o","status":"final","code":{"text":"SECRET"},"subject":{"reference":"Patient/p"}}
        """;

    [Theory]
    [InlineData("GET", "Observation/o", "read", "Observation", 200, 1)]
    [InlineData("GET", "Observation/o/_history/1", "vread", "Observation", 200, 1)]
    [InlineData("GET", "Observation/o/_history", "history-instance", "Observation", 200, 1)]
    [InlineData("GET", "Observation/_history", "history-type", "Observation", 200, 1)]
    [InlineData("GET", "_history", "history-system", "", 200, 1)]
    [InlineData("GET", "Observation?patient=p", "search-type", "Observation", 200, 1)]
    [InlineData("GET", "Observation?patient=q", "search-type", "Observation", 200, 0)]
    [InlineData("POST", "Observation/_search", "search-type", "Observation", 200, 1)]
    [InlineData("GET", "Observation/none", "read", "Observation", 404, 0)]
    [InlineData("GET", "Patient/o", "read", "Patient", 403, 0)]
    [InlineData("PATCH", "Observation/o", "patch", "Observation", 422, 1)]
    public async Task A_request_that_can_read_leaves_one_record(
        string method, string path, string interaction, string type, int status, int count)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds", "nurse user/Observation.rus");
        await rig.SendAsync("PUT", "Observation/o", Observation, "all");
        Assert.Empty(rig.ReadMessages("access"));
        string? body = method == "GET" ? null : method == "POST" ? "" : """[{"op":"test","path":"/status","value":"other"}]""";
        Assert.Equal(status, (await rig.SendAsync(method, path, body, "nurse")).Status);
        string record = Assert.Single(rig.ReadQueue("access"));
        Assert.Contains($"\"agent\":\"nurse\",\"interaction\":\"{interaction}\"", record, StringComparison.Ordinal);
        Assert.Contains($"\"status\":{status},", record, StringComparison.Ordinal);
        Assert.Contains($"\"count\":{count},", record, StringComparison.Ordinal);
        Assert.Equal(type.Length > 0, record.Contains($"\"resource_type\":\"{type}\"", StringComparison.Ordinal));
        Assert.Equal(count > 0, record.Contains("\"patients\":[\"Patient/p\"]", StringComparison.Ordinal));
        Assert.DoesNotContain("SECRET", record, StringComparison.Ordinal);
        Assert.True(rig.ReadMessages("access")[0].AsSpan().IndexOf("Patient/p"u8) < 0);
    }

    [Theory]
    [InlineData("PUT", "Observation?code=c", "update", "", 412)]
    [InlineData("PUT", "Observation?code=d", "update", "", 412)]
    [InlineData("DELETE", "Observation?code=c", "delete", "", 412)]
    [InlineData("DELETE", "Observation?code=d", "delete", "", 204)]
    [InlineData("PATCH", "Observation?code=c", "patch", "", 412)]
    [InlineData("POST", "Observation", "create", "code=c", 200)]
    [InlineData("POST", "Observation", "create", "category=b", 412)]
    public async Task A_condition_leaves_a_record_with_its_matches(
        string method, string path, string interaction, string ifNoneExist, int status)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds", "clerk user/Observation.cruds");
        await rig.SendAsync("PUT", "Observation/o", Coded("o", "p", "c"), "all");
        await rig.SendAsync("PUT", "Observation/n", Coded("n", "q", "e"), "all");
        string body = method == "PATCH" ? """[{"op":"test","path":"/status","value":"final"}]"""
            : Coded("o", "p", "c").Replace("\"id\":\"o\",", "", StringComparison.Ordinal);
        Answer answer = await rig.SendAsync(method, path, method == "DELETE" ? null : body, "clerk",
            ("If-Match", "W/\"7\""), ("If-None-Exist", ifNoneExist));
        Assert.Equal(status, answer.Status);
        string record = Assert.Single(rig.ReadQueue("access"));
        Assert.Contains($"\"agent\":\"clerk\",\"interaction\":\"{interaction}\"", record, StringComparison.Ordinal);
        bool isMatch = !path.EndsWith("=d", StringComparison.Ordinal);
        Assert.Equal(isMatch, record.Contains("\"Observation/o\"", StringComparison.Ordinal));
        Assert.Equal(isMatch, record.Contains("\"Patient/p\"", StringComparison.Ordinal));
        Assert.Equal(ifNoneExist == "category=b", record.Contains("\"Observation/n\"", StringComparison.Ordinal));

        static string Coded(string id, string patient, string code) => $$$"""
            {"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"coding":[{"code":"{{{code}}}"}]},
             "category":[{"coding":[{"code":"b"}]}],"subject":{"reference":"Patient/{{{patient}}}"}}
            """;
    }

    [Theory]
    [InlineData("batch", """{"request":{"method":"GET","url":"Observation/none"}}""", "Observation/none", "")]
    [InlineData("transaction", """{"request":{"method":"GET","url":"Observation/none/_history"}}""", "Observation/none", "")]
    [InlineData("batch", """{"request":{"method":"DELETE","url":"Observation?patient=p","ifMatch":"W/\"7\""}}""", "Observation/o", "Patient/p")]
    [InlineData("transaction", """
        {"resource":{"resourceType":"Encounter","status":"planned","class":{"code":"c"},"subject":{"reference":"Patient?identifier=7"}},
         "request":{"method":"POST","url":"Encounter"}}
        """, "Patient/p", "Patient/p")]
    public async Task The_entries_of_a_bundle_leave_the_resources_in_its_record(
        string type, string entry, string resource, string patient)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds");
        await rig.SendAsync("PUT", "Patient/p", """{"resourceType":"Patient","id":"p","identifier":[{"value":"7"}]}""", "all");
        await rig.SendAsync("PUT", "Observation/o", Observation, "all");
        Answer answer =
            await rig.SendAsync("POST", "", $$"""{"resourceType":"Bundle","type":"{{type}}","entry":[{{entry}}]}""", "all");
        Assert.True(answer.Status == 200, answer.Body);
        string record = Assert.Single(rig.ReadQueue("access"));
        Assert.Contains($"\"resources\":[\"{resource}\"]", record, StringComparison.Ordinal);
        Assert.Equal(patient.Length > 0, record.Contains($"\"patients\":[\"{patient}\"]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_batch_leaves_one_record_and_writes_leave_none()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds");
        await rig.SendAsync("PUT", "Observation/o", Observation, "all");
        await rig.SendAsync("GET", "metadata", null, "all");
        await rig.SendAsync("GET", "Observation/o", null, "unknown");
        Assert.Empty(rig.ReadMessages("access"));
        const string Get = """{"request":{"method":"GET","url":"Observation/o"}}""";
        await rig.SendAsync("POST", "", $$$"""{"resourceType":"Bundle","type":"batch","entry":[{{{Get}}},{{{Get}}}]}""", "all");
        Assert.Contains("\"interaction\":\"batch\"", Assert.Single(rig.ReadQueue("access")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_without_a_record_is_not_sent()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds");
        await rig.SendAsync("PUT", "Observation/o", Observation, "all");
        rig.Pause("access", new EstreamStorageException("full", "access", StorageFailure.DiskFull));
        Answer refused = await rig.SendAsync("GET", "Observation/o", null, "all");
        Assert.Equal((503, "transient"), (refused.Status, refused.Issue));
        rig.Pause("access", null);
        await Eventually.TrueAsync(
            async () => (await rig.SendAsync("GET", "Observation/o", null, "all")).Status == 200, "the queue can be written again");
    }
}
