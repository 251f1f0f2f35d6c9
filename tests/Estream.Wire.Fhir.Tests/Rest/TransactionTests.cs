using System.Text.Json;
using Estream.Core;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Rest;

public sealed class TransactionTests
{
    [Fact]
    public async Task Transaction_stores_all_and_resolves_references()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await rig.SendAsync("POST", "", """
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Observation","status":"final","code":{"text":"c"},
              "subject":{"reference":"urn:uuid:2"},"valueQuantity":{"value":1.10}},"request":{"method":"POST","url":"Observation"}},
             {"fullUrl":"urn:uuid:2","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},
             {"request":{"method":"GET","url":"Patient"}}]}
            """);
        Assert.True(answer.Status == 200, answer.Body);
        JsonElement[] entries = [.. answer.Root.GetProperty("entry").EnumerateArray()];
        string patient = entries[1].GetProperty("resource").GetProperty("id").GetString()!;
        Assert.Equal($"Patient/{patient}",
            entries[0].GetProperty("resource").GetProperty("subject").GetProperty("reference").GetString());
        Assert.Contains("1.10", entries[0].GetRawText(), StringComparison.Ordinal);
        Assert.Equal(1, entries[2].GetProperty("resource").GetProperty("total").GetInt32());
        Assert.Single(rig.ReadQueue("fhir"));
    }

    [Theory]
    [InlineData("""{"resource":{"resourceType":"Patient","gender":5},"request":{"method":"POST","url":"Patient"}}""", 422)]
    [InlineData("""{"request":{"method":"DELETE","url":"Patient/none"}}""", 404)]
    [InlineData("""{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a","ifMatch":"W/\"3\""}}""", 412)]
    [InlineData("""{"request":{"method":"PATCH","url":"Patient/a"}}""", 400)]
    [InlineData("""{"resource":{},"request":{"method":"POST","url":"Medication","ifNoneExist":"identifier=a"}}""", 404)]
    [InlineData("""{"request":{}}""", 400)]
    public async Task Transaction_stores_nothing_if_an_entry_fails(string entry, int status)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await rig.SendAsync("POST", "", $$$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},{{{entry}}}]}
            """);
        Assert.Equal(status, answer.Status);
        Assert.Contains("Entry 1", answer.Body, StringComparison.Ordinal);
        Assert.Equal(0, (await rig.SendAsync("GET", "Patient")).Root.GetProperty("total").GetInt32());
        Assert.Empty(rig.ReadQueue("fhir"));
    }

    [Fact]
    public async Task Transaction_that_changes_a_resource_twice_is_refused()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        const string Entry = """{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}}""";
        Answer answer = await rig.SendAsync("POST", "", $$$"""{"resourceType":"Bundle","type":"transaction","entry":[{{{Entry}}},{{{Entry}}}]}""");
        Assert.Equal((400, "duplicate"), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task Batch_answers_each_entry()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await rig.SendAsync("POST", "", """
            {"resourceType":"Bundle","type":"batch","entry":[
             {"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},
             {"resource":{"resourceType":"Patient","gender":5},"request":{"method":"POST","url":"Patient"}}]}
            """);
        Assert.Equal(["201", "422"], answer.Root.GetProperty("entry").EnumerateArray()
            .Select(entry => entry.GetProperty("response").GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Conditional_writes_find_their_resource()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        const string Body = """{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"7"}]}""";
        (string, string) condition = ("If-None-Exist", "identifier=urn:mrn|7");
        Answer first = await rig.SendAsync("POST", "Patient", Body, null, condition);
        Answer second = await rig.SendAsync("POST", "Patient", Body, null, condition);
        Assert.Equal((201, 200), (first.Status, second.Status));
        Assert.Equal(first.Location, second.Location);
        Answer updated = await rig.SendAsync("PUT", "Patient?identifier=urn:mrn|7", Body);
        Assert.Equal((200, "W/\"2\""), (updated.Status, updated.ETag));
        Assert.Equal(201, (await rig.SendAsync("PUT", "Patient?identifier=urn:mrn|8", Body)).Status);
        Answer several = await rig.SendAsync("DELETE", "Patient?identifier=urn:mrn|7");
        Assert.Equal((412, "multiple-matches"), (several.Status, several.Issue));
        Assert.Equal(400, (await rig.SendAsync("DELETE", "Patient?_count=1")).Status);
    }

    [Theory]
    [InlineData("POST", "Patient", "identifier=urn:mrn|7")]
    [InlineData("POST", "", "")]
    [InlineData("DELETE", "Patient/gone", "")]
    public async Task Answer_that_relies_on_an_earlier_write_waits_until_that_write_is_durable(string method, string path, string condition)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        const string Body = """{"resourceType":"Patient","id":"gone","identifier":[{"system":"urn:mrn","value":"7"}]}""";
        bool isDelete = method == "DELETE";
        string first = isDelete ? Body : Body.Replace("7", "8", StringComparison.Ordinal);
        Assert.Equal(201, (await rig.SendAsync("PUT", "Patient/gone", first)).Status);
        string? body = isDelete ? null : path.Length > 0 ? Body
            : "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"resource\":" + Body
                + ",\"request\":{\"method\":\"POST\",\"url\":\"Patient\",\"ifNoneExist\":\"identifier=urn:mrn|7\"}}]}";
        rig.Storage.Fails = true;
        Assert.Equal(503, (await rig.SendAsync(method, path, body, null, ("If-None-Exist", condition))).Status);

        // The first request has stored its change, so this one needs none.
        Assert.Equal(503, (await rig.SendAsync(method, path, body, null, ("If-None-Exist", condition))).Status);
    }

    [Fact]
    public async Task Transaction_whose_conditions_match_long_resources_stores_nothing()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.CreateAsync("Patient", $$$"""
            {"resourceType":"Patient","identifier":[{"value":"7"}],"name":[{"text":"{{{new string('x', 1 << 20)}}}"}]}
            """);
        const string Found = """
            {"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=7"}}
            """;
        const string New = """{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}""";
        int before = rig.ReadQueue("fhir").Count;
        Answer refused = await SendAsync([New, .. Enumerable.Repeat(Found, 5)]);
        Assert.Equal((413, "too-costly"), (refused.Status, refused.Issue));
        Assert.Equal(before, rig.ReadQueue("fhir").Count);
        Assert.Equal(200, (await SendAsync([New, .. Enumerable.Repeat(Found, 2)])).Status);

        Task<Answer> SendAsync(IEnumerable<string> entries) => rig.SendAsync(
            "POST", "", $"{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{string.Join(',', entries)}]}}");
    }

    [Fact]
    public async Task Resource_with_too_many_codes_is_refused()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string codings = string.Join(',', Enumerable.Range(0, 5_000).Select(one => $"{{\"code\":\"c{one}\"}}"));
        Answer answer = await rig.SendAsync("POST", "Observation",
            "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[" + codings + "]}}");
        Assert.Equal((422, "too-costly"), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task Text_with_half_a_surrogate_pair_is_refused()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Assert.Equal(400, (await rig.SendAsync("POST", "Patient", """{"resourceType":"Patient","language":"\ud800"}""")).Status);
        Assert.Equal(400, (await rig.SendAsync("POST", "Patient", """{"resourceType":"Patient","\udc00":1}""")).Status);
    }

    [Fact]
    public async Task Write_is_refused_while_the_queue_cannot_be_written()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        rig.Pause("fhir", new EstreamStorageException("Disk full.", null, StorageFailure.DiskFull));
        Answer answer = await rig.SendAsync("POST", "Patient", """{"resourceType":"Patient"}""");
        Assert.Equal((503, "transient"), (answer.Status, answer.Issue));
        rig.Pause("fhir", null);
        await rig.CreateAsync("Patient", """{"resourceType":"Patient"}""");
    }
}
