using System.Text;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Rest;

public sealed class ServerTests
{
    private const string Patient = """{"resourceType":"Patient","name":[{"family":"Test"}]}""";

    [Theory]
    [InlineData("POST", "Patient", "{", 400, "structure")]
    [InlineData("POST", "Patient", "[]", 400, "structure")]
    [InlineData("POST", "Patient", """{"resourceType":"Patient","active":true,"active":false}""", 400, "structure")]
    [InlineData("POST", "Patient", """{"resourceType":"Observation"}""", 400, "structure")]
    [InlineData("POST", "Patient", """{"resourceType":"Patient","gender":5}""", 422, "structure")]
    [InlineData("POST", "Patient", """{"resourceType":"Patient","birthDate":"not-a-date"}""", 422, "value")]
    [InlineData("POST", "Observation", """{"resourceType":"Observation","code":{"text":"x"}}""", 422, "required")]
    [InlineData("PUT", "Patient/a", """{"resourceType":"Patient","id":"b"}""", 400, "invalid")]
    [InlineData("PUT", "Patient/a_b", """{"resourceType":"Patient","id":"a_b"}""", 400, "invalid")]
    [InlineData("POST", "Medication", "{}", 404, "not-supported")]
    [InlineData("PATCH", "Patient/a", "[]", 404, "not-found")]
    [InlineData("PATCH", "Patient?identifier=none", "[]", 404, "not-found")]
    [InlineData("GET", "Observation?_sort=status", null, 400, "not-supported")]
    [InlineData("GET", "Observation?_sort=date,-date,date,date", null, 400, "not-supported")]
    [InlineData("GET", "Observation?_sort=date&_sort=-date", null, 400, "not-supported")]
    [InlineData("GET", "Observation?_after=1", null, 400, "not-supported")]
    [InlineData("GET", "Observation?status.code=a", null, 400, "not-supported")]
    [InlineData("GET", "Observation?subject:Group.identifier=a", null, 400, "not-supported")]
    [InlineData("GET", "Observation?patient.mood=good", null, 400, "not-supported")]
    [InlineData("GET", "Observation?patient.patient.identifier=a", null, 400, "not-supported")]
    [InlineData("DELETE", "Observation?patient.identifier=a", null, 400, "invalid")]
    [InlineData("GET", "Patient/none", null, 404, "not-found")]
    [InlineData("GET", "Patient?mood=good", null, 400, "not-supported")]
    [InlineData("GET", "Observation?date=now", null, 400, "not-supported")]
    [InlineData("DELETE", "Patient/none", null, 404, "not-found")]
    public async Task Server_refuses(string method, string path, string? body, int status, string code)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await rig.SendAsync(method, path, body);
        Assert.Equal((status, code), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task Created_resource_is_read_with_all_its_bytes()
    {
        const string Body = """
            {"resourceType":"Observation","status":"final","code":{"text":"c"},"x-unknown":[1.00, {"a":null}],
             "valueQuantity":{"value":1.500,"unit":"mg"},"meta":{"security":[{"code":"N"}],"versionId":"77"}}
            """;
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer created = await rig.SendAsync("POST", "Observation", Body);
        Assert.Equal((201, "W/\"1\""), (created.Status, created.ETag));
        Answer read = await rig.SendAsync("GET", created.Location);
        Assert.Equal(created.Body, read.Body);
        Assert.Contains("\"x-unknown\":[1.00, {\"a\":null}]", read.Body, StringComparison.Ordinal);
        Assert.Contains("\"value\":1.500,", read.Body, StringComparison.Ordinal);
        Assert.Equal("1", read.Root.GetProperty("meta").GetProperty("versionId").GetString());
        Assert.Equal("N", read.Root.GetProperty("meta").GetProperty("security")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Official_examples_round_trip_as_equal_json_values_and_survive_a_restart()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        foreach (string name in Samples.Mapped)
        {
            string text = Encoding.UTF8.GetString(Samples.Read(name));
            string id = JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!;
            Answer answer = await rig.SendAsync("PUT", $"{Samples.TypeOf(name)}/{id}", text);
            Assert.True(answer.Status == 201, $"{name}: {answer.Body}");
        }

        await rig.RestartAsync();

        // The examples contain consents that deny access.
        foreach (string name in Samples.Mapped.Where(name => Samples.TypeOf(name) == "Consent"))
        {
            JsonElement consent = JsonDocument.Parse(Samples.Read(name)).RootElement;
            Assert.Equal(204, (await rig.SendAsync("DELETE", $"Consent/{consent.GetProperty("id")}")).Status);
        }

        foreach (string name in Samples.Mapped.Where(name => Samples.TypeOf(name) != "Consent"))
        {
            JsonElement sent = JsonDocument.Parse(Samples.Read(name)).RootElement;
            Answer answer = await rig.SendAsync("GET", $"{Samples.TypeOf(name)}/{sent.GetProperty("id")}");
            Assert.True(answer.Status == 200, $"{name}: {answer.Body}");
            Assert.True(Samples.IsSame(Without(sent), Without(answer.Root)), name);
        }
    }

    [Fact]
    public async Task Update_makes_a_version_and_history_lists_all()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string id = await rig.CreateAsync("Patient", Patient);
        string body = $$$"""{"resourceType":"Patient","id":"{{{id}}}","gender":"female"}""";
        Answer stale = await rig.SendAsync("PUT", $"Patient/{id}", body, null, ("If-Match", "W/\"2\""));
        Assert.Equal((412, "conflict"), (stale.Status, stale.Issue));
        Answer updated = await rig.SendAsync("PUT", $"Patient/{id}", body, null, ("If-Match", "W/\"1\""));
        Assert.Equal((200, "W/\"2\""), (updated.Status, updated.ETag));
        Assert.Equal(204, (await rig.SendAsync("DELETE", $"Patient/{id}")).Status);
        Answer gone = await rig.SendAsync("GET", $"Patient/{id}");
        Assert.Equal((410, "deleted"), (gone.Status, gone.Issue));
        await rig.RestartAsync();
        JsonElement history = (await rig.SendAsync("GET", $"Patient/{id}/_history")).Root.GetProperty("entry");
        Assert.Equal(["DELETE", "PUT", "POST"],
            history.EnumerateArray().Select(entry => entry.GetProperty("request").GetProperty("method").GetString()));
        Assert.Equal(200, (await rig.SendAsync("GET", $"Patient/{id}/_history/1")).Status);
        Assert.Equal(201, (await rig.SendAsync("PUT", $"Patient/{id}", body)).Status);
        Assert.Equal("W/\"4\"", (await rig.SendAsync("GET", $"Patient/{id}")).ETag);
    }

    [Fact]
    public async Task Search_finds_by_parameters_and_pages_follow_links()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string patient = await rig.CreateAsync("Patient", """
            {"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"7"}],"name":[{"family":"Chalmers"}]}
            """);
        List<string> ids = [];
        for (int day = 1; day <= 5; day++)
        {
            ids.Add(await rig.CreateAsync("Observation", $$$"""
                {"resourceType":"Observation","status":"final","category":[{"coding":[{"code":"laboratory"}]}],
                 "code":{"coding":[{"system":"http://loinc.org","code":"{{{(day == 5 ? "other" : "718-7")}}}"}]},
                 "subject":{"reference":"Patient/{{{patient}}}"},"effectiveDateTime":"2026-01-0{{{day}}}"}
                """));
        }

        Assert.Equal([patient], (await rig.SendAsync("GET", "Patient?identifier=urn:mrn|7")).Ids);
        Assert.Equal([patient], (await rig.SendAsync("GET", "Patient?family=chal")).Ids);
        Assert.Equal(ids, (await rig.SendAsync("GET", $"Observation?patient={patient}")).Ids);
        Assert.Equal(ids[..4], (await rig.SendAsync("GET", $"Observation?code=http://loinc.org|718-7&subject=Patient/{patient}")).Ids);
        Assert.Equal(ids[1..3], (await rig.SendAsync("GET", "Observation?date=ge2026-01-02&date=lt2026-01-04")).Ids);
        Assert.Equal(ids, (await rig.SendAsync("GET", "Observation?status=final,amended&category=laboratory&date=2026")).Ids);
        Assert.Empty((await rig.SendAsync("GET", "Observation?_lastUpdated=lt2026-01-01")).Ids);
        Assert.Equal([ids[2]], (await rig.SendAsync("GET", $"Observation?_id={ids[2]}")).Ids);
        Answer included = await rig.SendAsync("GET", $"Observation?_id={ids[2]}&_include=Observation:subject");
        Assert.Equal([ids[2], patient], included.Ids);
        List<string> paged = [];
        for (string? next = "Observation?_count=2"; next is not null;)
        {
            Answer page = await rig.SendAsync("GET", next);
            Assert.Equal(5, page.Root.GetProperty("total").GetInt32());
            paged.AddRange(page.Ids);
            next = page.Root.GetProperty("link").EnumerateArray().Where(link => link.GetProperty("relation").GetString() == "next")
                .Select(link => link.GetProperty("url").GetString()).SingleOrDefault();
        }

        Assert.Equal(ids, paged);
    }

    [Fact]
    public async Task Changes_become_messages_of_the_health_schemas_with_pseudonyms()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.SendAsync("PUT", "Patient/MRN-7", """{"resourceType":"Patient","id":"MRN-7","name":[{"family":"Test"}]}""");
        await rig.CreateAsync("Observation", """
            {"resourceType":"Observation","status":"final","code":{"text":"c"},"subject":{"reference":"Patient/MRN-7"}}
            """);
        Eventually.True(() => rig.ReadQueue("Observation").Count == 1, "the observation is in its queue");
        string patient = JsonDocument.Parse(rig.ReadQueue("Patient").Single()).RootElement.GetProperty("id").GetString()!;
        string observation = rig.ReadQueue("Observation").Single();
        Assert.Contains($"\"reference\":\"Patient/{patient}\"", observation, StringComparison.Ordinal);
        Assert.DoesNotContain("MRN-7", observation, StringComparison.Ordinal);
    }

    private static JsonElement Without(JsonElement resource)
    {
        System.Text.Json.Nodes.JsonObject node = System.Text.Json.Nodes.JsonObject.Create(resource)!;
        node.Remove("meta");
        return JsonDocument.Parse(node.ToJsonString()).RootElement;
    }
}
