using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>An absolute reference to a resource of the server is the same as the relative one, wherever references are compared.</summary>
public sealed class AbsoluteReferenceTests
{
    private const string Base = "https://ehr.example/fhir/";
    private const string Doctor = "doctor user/*.cruds user/Consent.cruds actor=Practitioner/d purpose=TREAT";
    private const string Nurse = "nurse user/*.cruds actor=Practitioner/n purpose=TREAT";

    /// <summary>References of a consent and of an observation to one patient.</summary>
    public static TheoryData<string, string> SamePatient => new()
    {
        { Base + "Patient/p", "Patient/p" },
        { "Patient/p", Base + "Patient/p" },
        { Base + "Patient/p/_history/1", "Patient/p/_history/2" },
        { "http://LOCALHOST:{port}/fhir/Patient/p", "https://old.example/r4/Patient/p" },
        { "Patient?identifier=urn:mrn%7C7", "http://ehr.example//fhir/Patient/p" },
    };

    [Theory]
    [MemberData(nameof(SamePatient))]
    public async Task Consent_denies_every_read_path(string ofConsent, string ofObservation)
    {
        using ScriptedServer endpoint = new(_ => "");
        await using ServerRig rig = await StartAsync(endpoint, Doctor, Nurse);
        string subscription = await rig.CreateAsync("Subscription", Subscription(endpoint, "Observation"), "nurse");
        string id = await ArrangeAsync(rig, Port(rig, ofConsent), Port(rig, ofObservation));
        await ReadPaths.AssertDeniedAsync(rig, id, "nurse");
        Assert.Equal(200, (await rig.SendAsync("GET", $"Observation/{id}", null, "doctor")).Status);

        // The patient itself, also as an included resource.
        Assert.Equal(404, (await rig.SendAsync("GET", "Patient/p", null, "nurse")).Status);
        Assert.Equal([id, "p"], (await rig.SendAsync("GET", "Observation?_include=Observation:subject", null, "doctor")).Ids);

        // A header that the client chooses changes nothing.
        Answer other = await rig.SendAsync("GET", $"Observation/{id}", null, "nurse", ("Host", "other.example"));
        Assert.Equal(404, other.Status);

        // Only the permitted change is notified.
        string permitted = await rig.CreateAsync("Observation", Observation("Patient/q"), "doctor");
        Eventually.True(() => !endpoint.Requests.IsEmpty, "the endpoint is notified");
        Assert.Equal($"PUT /Observation/{permitted}", Assert.Single(endpoint.Requests));
        Assert.NotEmpty(subscription);

        // The server gets another port, and a reference with the previous one names another server.
        await rig.RestartAsync();
        int status = ofConsent.Contains("{port}", StringComparison.Ordinal) ? 200 : 404;
        Assert.Equal(status, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
    }

    [Theory]
    [InlineData("https://other.example/fhir/Patient/p")]
    [InlineData("https://ehr.example.other/fhir/Patient/p")]
    [InlineData("https://ehr.example/other/Patient/p")]
    [InlineData("http://127.0.0.1:1/fhir/Patient/p")]
    public async Task Reference_to_another_server_is_another_patient(string other)
    {
        await using ServerRig rig = await StartAsync(null, Doctor, Nurse, "app patient/*.cruds patient=p");
        string id = await ArrangeAsync(rig, other, "Patient/p");
        Assert.Equal(200, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse", ("Host", new Uri(other).Authority))).Status);
        string foreign = await rig.CreateAsync("Observation", Observation(other), "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{foreign}", null, "nurse")).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{foreign}", null, "app", ("Host", new Uri(other).Authority))).Status);
        Assert.Equal([id], (await rig.SendAsync("GET", "Observation", null, "app")).Ids);
        Assert.Equal(403, (await rig.SendAsync("POST", "Observation", Observation(other), "app")).Status);
    }

    [Fact]
    public async Task Actors_and_scopes_take_absolute_references()
    {
        await using ServerRig rig = await StartAsync(null, Doctor, $"nurse user/*.cruds actor={Base}Practitioner/n",
            "app patient/*.cruds patient=p", $"ward user/Observation.rs?subject={Base}Patient/p");
        string id = await ArrangeAsync(rig, "Patient/p", Base + "Patient/p", Actor("Practitioner/n/_history/3"));
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
        Assert.Equal([id], (await rig.SendAsync("GET", "Observation", null, "app")).Ids);
        Assert.Equal([id], (await rig.SendAsync("GET", "Observation", null, "ward")).Ids);
        await rig.CreateAsync("Observation", Observation(Base + "Patient/p"), "app");
        string other = await rig.CreateAsync("Observation", Observation("Patient/q"), "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{other}", null, "ward")).Status);
    }

    [Fact]
    public async Task Data_of_a_consent_takes_absolute_references()
    {
        await using ServerRig rig = await StartAsync(null, Doctor, Nurse);
        string first = await rig.CreateAsync("Observation", Observation("Patient/p"), "doctor");
        string second = await rig.CreateAsync("Observation", Observation("Patient/p"), "doctor");
        await rig.CreateAsync("Consent", Consent("Patient/p", "\"data\":[{\"meaning\":\"instance\",\"reference\":{\"reference\":\""
            + Base + "Observation/" + first + "\"}}]"), "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{first}", null, "nurse")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", $"Observation/{second}", null, "nurse")).Status);
    }

    [Fact]
    public async Task Conditions_and_criteria_take_absolute_references()
    {
        using ScriptedServer endpoint = new(_ => "");
        await using ServerRig rig = await StartAsync(endpoint, Doctor);
        await rig.CreateAsync("Subscription", Subscription(endpoint, $"Observation?patient={Base}Patient/p"), "doctor");
        await rig.CreateAsync("Observation", Observation("Patient/q"), "doctor");
        string id = await rig.CreateAsync("Observation", Observation("Patient/p"), "doctor");
        Eventually.True(() => !endpoint.Requests.IsEmpty, "the endpoint is notified");
        Assert.Equal($"PUT /Observation/{id}", Assert.Single(endpoint.Requests));

        string condition = $"subject={Base}Patient/p/_history/1";
        Answer create = await rig.SendAsync("POST", "Observation", Observation("Patient/p"), "doctor", ("If-None-Exist", condition));
        Assert.Equal((200, id), (create.Status, create.Root.GetProperty("id").GetString()));
        Answer update = await rig.SendAsync("PUT", $"Observation?{condition}", Observation(Base + "Patient/p"), "doctor");
        Assert.Equal((200, id), (update.Status, update.Root.GetProperty("id").GetString()));
        Answer patch = await rig.SendAsync(
            "PATCH", $"Observation?{condition}", """[{"op":"replace","path":"/status","value":"amended"}]""", "doctor");
        Assert.Equal((200, id), (patch.Status, patch.Root.GetProperty("id").GetString()));
        Assert.Equal(204, (await rig.SendAsync("DELETE", $"Observation?{condition}", null, "doctor")).Status);
        Assert.Equal(410, (await rig.SendAsync("GET", $"Observation/{id}", null, "doctor")).Status);
    }

    [Fact]
    public async Task Transaction_replaces_references_to_the_full_urls_of_its_entries()
    {
        await using ServerRig rig = await StartAsync(null, Doctor, Nurse);
        const string Source = "http://source.example/fhir/";
        string text = Consent(Source + "Patient/p", Actor("Practitioner/n"));
        Answer answer = await rig.SendAsync("POST", "", $$$"""
            {"resourceType":"Bundle","type":"transaction","entry":[
             {"fullUrl":"{{{Source}}}Observation/o","resource":{{{Observation("Patient/p")}}},
              "request":{"method":"POST","url":"{{{Base}}}Observation"}},
             {"fullUrl":"{{{Source}}}Consent/c","resource":{{{text}}},"request":{"method":"POST","url":"Consent"}},
             {"fullUrl":"urn:uuid:1","resource":{{{Observation("Patient/p")}}},"request":{"method":"POST","url":"Observation"}},
             {"fullUrl":"{{{Source}}}Patient/p","resource":{"resourceType":"Patient","identifier":[{"value":"{{{Source}}}Patient/p"}]},
              "request":{"method":"POST","url":"Patient"}}]}
            """, "doctor");
        Assert.True(answer.Status == 200, answer.Body);
        JsonElement[] stored = [.. answer.Root.GetProperty("entry").EnumerateArray().Select(one => one.GetProperty("resource"))];
        string patient = $"Patient/{stored[3].GetProperty("id").GetString()}";
        Assert.Equal(patient, Reference(stored[0], "subject"));
        Assert.Equal(patient, Reference(stored[1], "patient"));

        // A relative reference is below the server of its own entry, and a text that is not a reference stays.
        Assert.Equal("Patient/p", Reference(stored[2], "subject"));
        Assert.Equal(Source + "Patient/p", stored[3].GetProperty("identifier")[0].GetProperty("value").GetString());
        string denied = stored[0].GetProperty("id").GetString()!;
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{denied}", null, "nurse")).Status);
    }

    [Fact]
    public async Task Transaction_with_too_many_servers_is_refused()
    {
        await using ServerRig rig = await StartAsync(null, Doctor);
        string entries = string.Join(',', Enumerable.Range(0, 17).Select(one => "{\"fullUrl\":\"http://h" + one + "/Patient/p\","
            + "\"resource\":{\"resourceType\":\"Patient\"},\"request\":{\"method\":\"POST\",\"url\":\"Patient\"}}"));
        Answer answer = await rig.SendAsync(
            "POST", "", "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[" + entries + "]}", "doctor");
        Assert.Equal((413, "too-costly"), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task Messages_have_one_pseudonym_for_both_references()
    {
        await using ServerRig rig = await StartAsync(null, Doctor);
        await rig.CreateAsync("Observation", Observation("Patient/p"), "doctor");
        await rig.CreateAsync("Observation", Observation(Base + "Patient/p"), "doctor");
        await rig.CreateAsync("Observation", Observation("https://other.example/fhir/Patient/p"), "doctor");
        Eventually.True(() => rig.ReadMessages("Observation").Count == 3, "the messages are stored");
        string[] subjects = [.. rig.ReadQueue("Observation").Select(json =>
            JsonDocument.Parse(json).RootElement.GetProperty("subject").GetProperty("reference").GetString()!)];
        Assert.StartsWith("Patient/", subjects[0], StringComparison.Ordinal);
        Assert.Equal(subjects[0], subjects[1]);
        Assert.StartsWith("urn:pseudonym:", subjects[2], StringComparison.Ordinal);
    }

    private static string? Reference(JsonElement resource, string member) =>
        resource.GetProperty(member).GetProperty("reference").GetString();

    private static Task<ServerRig> StartAsync(ScriptedServer? endpoint, params string[] tokens) => ServerRig.StartWithTokensAsync(
        options => options with
        {
            PublicUrl = Base,
            OtherUrls = ["https://old.example/r4"],
            SubscriptionEndpoints = endpoint is null ? [] : [endpoint.Url.AbsoluteUri],
        },
        tokens);

    private static string Port(ServerRig rig, string reference) =>
        reference.Replace("{port}", $"{rig.Server.LocalEndPoint!.Port}", StringComparison.Ordinal);

    private static async Task<string> ArrangeAsync(ServerRig rig, string ofConsent, string ofObservation, string? rule = null)
    {
        await rig.CreateAsync("Consent", Consent(ofConsent, rule ?? Actor("Practitioner/n")), "doctor");
        await rig.SendAsync("PUT", "Patient/p",
            """{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:mrn","value":"7"}]}""", "doctor");
        return await rig.CreateAsync("Observation", Observation(ofObservation), "doctor");
    }

    private static string Actor(string reference) =>
        "\"actor\":[{\"role\":{\"coding\":[{\"code\":\"PRCP\"}]},\"reference\":{\"reference\":\"" + reference + "\"}}]";

    private static string Consent(string patient, string rule) => $$$"""
        {"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},
         "category":[{"coding":[{"code":"59284-0"}]}],"patient":{"reference":"{{{patient}}}"},
         "provision":{"type":"deny",{{{rule}}}}}
        """;

    private static string Observation(string subject) => $$$"""
        {"resourceType":"Observation","status":"final","code":{"coding":[{"code":"718-7"}]},"subject":{"reference":"{{{subject}}}"},
         "valueString":"{{{ReadPaths.Secret}}}"}
        """;

    private static string Subscription(ScriptedServer endpoint, string criteria) => $$$"""
        {"resourceType":"Subscription","status":"requested","reason":"test","criteria":"{{{criteria}}}",
         "channel":{"type":"rest-hook","endpoint":"{{{endpoint.Url.AbsoluteUri}}}","payload":"application/fhir+json"}}
        """;
}
