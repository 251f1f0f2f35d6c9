using System.Text.Json;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Rest;

public sealed class ConditionalReferenceTests
{
    private const string Condition = "Patient?identifier=urn:mrn|7";

    private const string Patient = """{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"7"}]}""";

    [Theory]
    [InlineData("Patient?identifier=urn:mrn|8", 412, "not-found")]
    [InlineData("Patient?identifier=urn:mrn|", 412, "multiple-matches")]
    [InlineData("Patient?", 400, "invalid")]
    [InlineData("Patient?_count=1", 400, "invalid")]
    [InlineData("Patient?mood=good", 400, "invalid")]
    [InlineData("Practitioner?identifier=1", 400, "not-supported")]
    public async Task Transaction_with_a_reference_that_cannot_be_resolved_stores_nothing(string reference, int status, string code)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.CreateAsync("Patient", Patient);
        await rig.CreateAsync("Patient", Patient.Replace("\"7\"", "\"6\"", StringComparison.Ordinal));
        Answer answer = await SendAsync(rig, Post("Patient", """{"resourceType":"Patient"}"""), Post("Observation", Observation(reference)));
        Assert.Equal((status, code), (answer.Status, answer.Issue));
        Assert.Contains("Entry 1", answer.Body, StringComparison.Ordinal);
        Assert.Equal(2, rig.ReadQueue("fhir").Count);
    }

    [Fact]
    public async Task Conditional_reference_becomes_a_reference_and_other_texts_stay()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string patient = await rig.CreateAsync("Patient", Patient);
        string body = Observation(Condition).Replace("\"status\"", $"\"valueString\":\"{Condition}\",\"status\"", StringComparison.Ordinal);
        Answer answer = await SendAsync(rig, Post("Observation", body));
        Assert.True(answer.Status == 200, answer.Body);
        JsonElement stored = answer.Root.GetProperty("entry")[0].GetProperty("resource");
        Assert.Equal($"Patient/{patient}", SubjectOf(stored));
        Assert.Equal(Condition, stored.GetProperty("valueString").GetString());
        Assert.Equal([stored.GetProperty("id").GetString()!], (await rig.SendAsync("GET", $"Observation?patient={patient}")).Ids);
    }

    [Fact]
    public async Task Conditional_reference_finds_what_the_same_transaction_stores()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await SendAsync(rig, Post("Observation", Observation(Condition)), Post("Patient", Patient));
        Assert.True(answer.Status == 200, answer.Body);
        JsonElement entries = answer.Root.GetProperty("entry");
        Assert.Equal($"Patient/{entries[1].GetProperty("resource").GetProperty("id")}", SubjectOf(entries[0].GetProperty("resource")));
    }

    [Theory]
    [InlineData("""{"request":{"method":"DELETE","url":"Patient/a"}}""")]
    [InlineData("""{"request":{"method":"DELETE","url":"Patient?identifier=7"}}""")]
    [InlineData("""{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}}""")]
    [InlineData("""{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient?identifier=7"}}""")]
    public async Task Conditional_reference_does_not_find_what_the_transaction_removes(string entry)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.SendAsync("PUT", "Patient/a", Patient.Replace("{\"res", "{\"id\":\"a\",\"res", StringComparison.Ordinal));
        Answer answer = await SendAsync(rig, Post("Observation", Observation(Condition)), entry);
        Assert.Equal((412, "not-found"), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task Conditional_reference_finds_a_patient_that_a_conditional_create_finds_present()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string patient = await rig.CreateAsync("Patient", Patient);
        string create = Post("Patient", Patient).Replace("\"POST\"", "\"POST\",\"ifNoneExist\":\"identifier=7\"", StringComparison.Ordinal);
        Answer answer = await SendAsync(rig, create, Post("Observation", Observation(Condition)));
        Assert.True(answer.Status == 200, answer.Body);
        Assert.Equal($"Patient/{patient}", SubjectOf(answer.Root.GetProperty("entry")[1].GetProperty("resource")));
    }

    [Fact]
    public async Task References_of_an_entry_that_stores_nothing_are_not_resolved()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.CreateAsync("Observation", Observation("Patient/p").Replace("\"status\"", "\"identifier\":[{\"value\":\"o\"}],\"status\"",
            StringComparison.Ordinal));
        string create = Post("Observation", Observation(Condition))
            .Replace("\"POST\"", "\"POST\",\"ifNoneExist\":\"identifier=o\"", StringComparison.Ordinal);
        Answer answer = await SendAsync(rig, create);
        Assert.True(answer.Status == 200, answer.Body);
        Assert.Single(rig.ReadQueue("fhir"));
    }

    [Fact]
    public async Task Too_many_different_conditional_references_are_refused()
    {
        await using ServerRig rig = await ServerRig.StartAsync(options => options with { MaxBundleEntries = 2 });
        string patient = await rig.CreateAsync("Patient", Patient);
        string more = string.Join(',', ((string[])["identifier=7", $"_id={patient}", "identifier=urn:mrn|7"])
            .Select(one => "{\"reference\":\"Patient?" + one + "\"}"));
        Answer answer = await SendAsync(rig, Post("Observation",
            Observation(Condition).Replace("\"status\"", "\"performer\":[" + more + "],\"status\"", StringComparison.Ordinal)));
        Assert.Equal((413, "too-costly"), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task Outside_a_transaction_a_conditional_reference_stays_as_sent()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string id = await rig.CreateAsync("Observation", Observation(Condition));
        Assert.Equal(Condition, SubjectOf((await rig.SendAsync("GET", $"Observation/{id}")).Root));
    }

    private static Task<Answer> SendAsync(ServerRig rig, params string[] entries) => rig.SendAsync(
        "POST", "", "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[" + string.Join(',', entries) + "]}");

    private static string Post(string type, string resource) =>
        "{\"resource\":" + resource + ",\"request\":{\"method\":\"POST\",\"url\":\"" + type + "\"}}";

    private static string Observation(string subject) =>
        "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"text\":\"c\"},\"subject\":{\"reference\":\"" + subject + "\"}}";

    private static string? SubjectOf(JsonElement resource) => resource.GetProperty("subject").GetProperty("reference").GetString();
}
