using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>Ways to the values of a denied resource that are not a plain read.</summary>
public sealed class IndirectConsentTests
{
    private const string Doctor = "doctor user/*.cruds user/Consent.cruds actor=Practitioner/d";
    private const string Nurse = "nurse user/*.cruds actor=Practitioner/n";
    private const string Deny =
        "\"provision\":{\"type\":\"deny\",\"actor\":[{\"role\":{},\"reference\":{\"reference\":\"Practitioner/n\"}}]}";

    /// <summary>Conditional requests that would find the denied observation, and those that would not.</summary>
    [Theory]
    [InlineData("PATCH", "", "[]")]
    [InlineData("DELETE", "W/\"99\"", null)]
    [InlineData("PUT", "W/\"99\"", """{"resourceType":"Observation","id":"x","status":"final","code":{"text":"c"}}""")]
    public async Task Outcome_of_a_condition_discloses_no_value_of_a_denied_resource(string method, string ifMatch, string? body)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/p\""), "doctor");
        await rig.SendAsync("PUT", "Observation/denied", Observation("\"subject\":{\"reference\":\"Patient/p\"}"), "doctor");
        Answer right = await rig.SendAsync(method, "Observation?_id=denied&code=718-7", body, "nurse", ("If-Match", ifMatch));
        Answer wrong = await rig.SendAsync(method, "Observation?_id=denied&code=718-8", body, "nurse", ("If-Match", ifMatch));
        Assert.Equal((wrong.Status, wrong.Body), (right.Status, right.Body));
        Answer create = await rig.SendAsync("POST", "Observation", "{}", "nurse", ("If-None-Exist", "code=718-7"));
        Assert.Equal(400, create.Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "doctor")).Status);
    }

    [Theory]
    [InlineData("\"encounter\":{\"reference\":\"Encounter/e\"}")]
    [InlineData("\"subject\":{\"reference\":\"Patient?identifier=urn:mrn|7\"}")]
    [InlineData("\"subject\":{\"reference\":\"Patient?_id=p\"}")]
    public async Task Consent_denies_a_resource_that_names_its_patient_indirectly(string element)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangePatientAsync(rig);
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/p\""), "doctor");
        await rig.SendAsync("PUT", "Observation/denied", Observation(element), "doctor");
        await ReadPaths.AssertDeniedAsync(rig, "denied", "nurse");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "doctor")).Status);
    }

    [Fact]
    public async Task Subject_that_names_more_patients_than_the_index_holds_is_refused()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor);
        string ids = string.Join(',', Enumerable.Repeat("p", 5_000));
        Answer answer = await rig.SendAsync(
            "PUT", "Observation/denied", Observation($"\"subject\":{{\"reference\":\"Patient?_id={ids}\"}}"), "doctor");
        Assert.Equal((422, "too-costly"), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task Consent_by_identifier_stays_in_force_when_the_patient_is_deleted()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangePatientAsync(rig);
        await rig.CreateAsync("Consent", Consent("\"identifier\":{\"system\":\"urn:mrn\",\"value\":\"7\"}"), "doctor");
        await rig.SendAsync("PUT", "Observation/denied", Observation("\"subject\":{\"reference\":\"Patient/p\"}"), "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
        Assert.Equal(204, (await rig.SendAsync("DELETE", "Patient/p", null, "nurse")).Status);
        await ReadPaths.AssertDeniedAsync(rig, "denied", "nurse");
        await rig.RestartAsync();
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);

        // The identifiers of earlier versions still count for a denial.
        await rig.SendAsync("PUT", "Patient/p", """{"resourceType":"Patient","id":"p"}""", "doctor");
        await ReadPaths.AssertDeniedAsync(rig, "denied", "nurse");
    }

    [Fact]
    public async Task Denial_for_a_contained_actor_covers_everyone()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/p\"").Replace("Practitioner/n", "#n", StringComparison.Ordinal),
            "doctor");
        await rig.SendAsync("PUT", "Observation/denied", Observation("\"subject\":{\"reference\":\"Patient/p\"}"), "doctor");
        await ReadPaths.AssertDeniedAsync(rig, "denied", "nurse");
    }

    private static async Task ArrangePatientAsync(ServerRig rig)
    {
        await rig.SendAsync("PUT", "Patient/p",
            """{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:mrn","value":"7"}]}""", "doctor");
        Answer encounter = await rig.SendAsync("PUT", "Encounter/e", """
            {"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p"}}
            """, "doctor");
        Assert.Equal(201, encounter.Status);
    }

    private static string Consent(string patient) => $$$"""
        {"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"c"}],
         "patient":{{{{patient}}}},{{{Deny}}}}
        """;

    private static string Observation(string element) => $$$"""
        {"resourceType":"Observation","id":"denied","status":"final","code":{"coding":[{"code":"718-7"}]},{{{element}}},
         "valueString":"{{{ReadPaths.Secret}}}"}
        """;
}
