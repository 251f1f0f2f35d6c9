using Estream.Testing;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>Consents apply on every read path.</summary>
public sealed class ConsentTests
{
    private const string Doctor = "doctor user/*.cruds user/Consent.cruds actor=Practitioner/d purpose=TREAT";
    private const string Nurse = "nurse user/*.cruds actor=Practitioner/n purpose=TREAT";

    private const string Actor = """
        "actor":[{"role":{"coding":[{"code":"PRCP"}]},"reference":{"reference":"Practitioner/n"}}]
        """;

    public static TheoryData<string, string> Denials => new()
    {
        { "deny an actor", "\"provision\":{\"type\":\"deny\"," + Actor + "}" },
        { "opt in, except an actor", "\"policyRule\":{\"coding\":[{\"code\":\"OPTIN\"}]},\"provision\":{" + Actor + "}" },
        { "opt out, except another actor", "\"policyRule\":{\"coding\":[{\"code\":\"OPTOUT\"}]},\"provision\":{\"type\":\"permit\","
            + Actor.Replace("/n", "/d", StringComparison.Ordinal) + "}" },
        { "permit all, and an exception", "\"provision\":{\"type\":\"permit\",\"provision\":[{\"type\":\"deny\"," + Actor + "}]}" },
        { "an actor that cannot be compared", "\"provision\":{\"type\":\"deny\",\"actor\":[{\"role\":{},\"reference\":{"
            + "\"identifier\":{\"value\":\"1\"}}}]}" },
        { "a purpose and a class", "\"provision\":{\"type\":\"deny\",\"purpose\":[{\"code\":\"TREAT\"}],\"class\":[{\"system\":"
            + "\"http://hl7.org/fhir/resource-types\",\"code\":\"Observation\"}]," + Actor + "}" },
        { "a code", "\"provision\":{\"type\":\"deny\",\"code\":[{\"coding\":[{\"code\":\"718-7\"}]}]," + Actor + "}" },
        { "a code of a component", "\"provision\":{\"type\":\"deny\",\"code\":[{\"coding\":[{\"code\":\"HIV-1\"}]}]," + Actor + "}" },
        { "a code of a reason in an extension",
            "\"provision\":{\"type\":\"deny\",\"code\":[{\"coding\":[{\"code\":\"reason-1\"}]}]," + Actor + "}" },
        { "a code with a system, where the resource has none", "\"provision\":{\"type\":\"deny\",\"code\":[{\"coding\":[{\"system\":"
            + "\"http://loinc.org\",\"code\":\"718-7\"}]}]," + Actor + "}" },
        { "a data period", "\"provision\":{\"type\":\"deny\",\"dataPeriod\":{\"start\":\"2026-01\"}," + Actor + "}" },
        { "a modifier", "\"provision\":{\"type\":\"permit\"},\"modifierExtension\":[{\"url\":\"urn:x\"}]" },
    };

    public static TheoryData<string, string> Permissions => new()
    {
        { "another actor", "\"provision\":{\"type\":\"deny\"," + Actor.Replace("/n", "/other", StringComparison.Ordinal) + "}" },
        { "a past period", "\"provision\":{\"type\":\"deny\",\"period\":{\"end\":\"2020\"}," + Actor + "}" },
        { "another class", "\"provision\":{\"type\":\"deny\",\"class\":[{\"system\":\"http://hl7.org/fhir/resource-types\",\"code\":"
            + "\"Encounter\"}]," + Actor + "}" },
        { "the code of another system", "\"provision\":{\"type\":\"deny\",\"code\":[{\"coding\":[{\"system\":\"urn:other\",\"code\":"
            + "\"HIV-1\"}]}]," + Actor + "}" },
        { "another code", "\"provision\":{\"type\":\"deny\",\"code\":[{\"coding\":[{\"code\":\"1\"}]}]," + Actor + "}" },
        { "restricted data", "\"provision\":{\"type\":\"deny\",\"securityLabel\":[{\"code\":\"R\"}]," + Actor + "}" },
        { "opt out, except this actor", "\"policyRule\":{\"coding\":[{\"code\":\"OPTOUT\"}]},\"provision\":{\"type\":\"permit\","
            + Actor + "}" },
    };

    [Fact]
    public async Task Data_without_a_patient_follows_the_default()
    {
        const string Body = """{"resourceType":"Observation","status":"final","code":{"text":"c"},"subject":{"display":"Eve"}}""";
        await using ServerRig closed = await ServerRig.StartAsync(options => options with { ConsentDefault = false });
        Assert.Equal(404, (await closed.SendAsync("GET", $"Observation/{await closed.CreateAsync("Observation", Body)}")).Status);
        await using ServerRig open = await ServerRig.StartAsync();
        Assert.Equal(200, (await open.SendAsync("GET", $"Observation/{await open.CreateAsync("Observation", Body)}")).Status);
    }

    [Theory]
    [MemberData(nameof(Denials))]
    public async Task Consent_denies_every_read_path(string name, string rule)
    {
        Assert.NotEmpty(name);
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, rule);
        await ReadPaths.AssertDeniedAsync(rig, id, "nurse");
        Answer conditional = await rig.SendAsync("POST", "Observation", Observation("p"), "nurse", ("If-None-Exist", "identifier=o1"));
        Assert.Equal(403, conditional.Status);
        if (!rule.Contains("modifier", StringComparison.Ordinal) && !rule.Contains("\"identifier\"", StringComparison.Ordinal))
        {
            Assert.Equal(200, (await rig.SendAsync("GET", $"Observation/{id}", null, "doctor")).Status);
        }

        await rig.RestartAsync();
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
    }

    [Theory]
    [MemberData(nameof(Permissions))]
    public async Task Consent_permits_what_its_denial_does_not_cover(string name, string rule)
    {
        Assert.NotEmpty(name);
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, rule);
        Answer read = await rig.SendAsync("GET", $"Observation/{id}", null, "nurse");
        Assert.True(read.Status == 200, read.Body);
        Assert.Equal([id], (await rig.SendAsync("GET", "Observation", null, "nurse")).Ids);
    }

    [Fact]
    public async Task Permission_for_the_code_of_a_component_does_not_disclose_the_resource()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, "\"policyRule\":{\"coding\":[{\"code\":\"OPTOUT\"}]},"
            + "\"provision\":{\"type\":\"permit\",\"code\":[{\"coding\":[{\"code\":\"HIV-1\"}]}]}");
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
    }

    [Fact]
    public async Task Consent_ends_when_it_is_withdrawn_or_deleted()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, "\"provision\":{\"type\":\"deny\"," + Actor + "}");
        string consent = Consent("\"provision\":{\"type\":\"deny\"," + Actor + "}");
        await rig.SendAsync("PUT", "Consent/c", consent.Replace("active", "inactive", StringComparison.Ordinal), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
        await rig.SendAsync("PUT", "Consent/c", consent, "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
        Assert.Equal(204, (await rig.SendAsync("DELETE", "Consent/c", null, "doctor")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
    }

    [Fact]
    public async Task Include_of_a_denied_resource_is_left_out()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, "\"provision\":{\"type\":\"deny\",\"class\":[{\"system\":"
            + "\"http://hl7.org/fhir/resource-types\",\"code\":\"Patient\"}]," + Actor + "}");
        Assert.Equal([id], (await rig.SendAsync("GET", "Observation?_include=Observation:subject", null, "nurse")).Ids);
        Assert.Equal([id, "p"], (await rig.SendAsync("GET", "Observation?_include=Observation:subject", null, "doctor")).Ids);
    }

    [Fact]
    public async Task Denied_resource_is_not_found_by_chains_and_conditional_references()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, "\"provision\":{\"type\":\"deny\",\"class\":[{\"system\":"
            + "\"http://hl7.org/fhir/resource-types\",\"code\":\"Patient\"}]," + Actor + "}");
        const string Query = "Observation?patient.identifier=urn:mrn|7";
        Assert.Equal([id], (await rig.SendAsync("GET", Query, null, "doctor")).Ids);
        Assert.Empty((await rig.SendAsync("GET", Query, null, "nurse")).Ids);
        Assert.Equal([id], (await rig.SendAsync("GET", "Observation", null, "nurse")).Ids);

        // The answer is the same as for a patient that does not exist.
        Answer denied = await rig.SendAsync("POST", "", Transaction("7"), "nurse");
        Answer absent = await rig.SendAsync("POST", "", Transaction("8"), "nurse");
        Assert.Equal((412, absent.Body), (denied.Status, denied.Body));
        Assert.Equal(200, (await rig.SendAsync("POST", "", Transaction("7"), "doctor")).Status);
    }

    [Fact]
    public async Task Subject_by_identifier_is_the_patient_with_this_identifier()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, "\"provision\":{\"type\":\"deny\"," + Actor + "}");
        string other = await rig.CreateAsync("Observation", """
            {"resourceType":"Observation","status":"final","code":{"text":"c"},
             "subject":{"identifier":{"system":"urn:mrn","value":"7"}}}
            """, "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{other}", null, "nurse")).Status);
    }

    [Fact]
    public async Task Earlier_version_is_protected_by_the_consent_of_its_patient()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, "\"provision\":{\"type\":\"deny\"," + Actor + "}");
        await rig.SendAsync("PUT", $"Observation/{id}", Observation("q").Replace("{\"resourceType",
            $"{{\"id\":\"{id}\",\"resourceType", StringComparison.Ordinal), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", $"Observation/{id}", null, "nurse")).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}/_history/1", null, "nurse")).Status);
    }

    [Fact]
    public async Task History_decides_once_about_a_resource_with_several_versions()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        string id = await ArrangeAsync(rig, "\"provision\":{\"type\":\"deny\"," + Actor + "}");
        string body = Observation("p").Replace("{\"resourceType", $"{{\"id\":\"{id}\",\"resourceType", StringComparison.Ordinal);
        await rig.SendAsync("PUT", $"Observation/{id}", body, "doctor");
        await rig.SendAsync("PUT", $"Observation/{id}", body, "doctor");
        long before = rig.Metric("estream.fhir.consent_denials");
        Assert.Empty((await rig.SendAsync("GET", "Observation/_history", null, "nurse")).Ids);
        Assert.Equal(before + 1, rig.Metric("estream.fhir.consent_denials"));
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}/_history", null, "nurse")).Status);
        Assert.Equal(before + 2, rig.Metric("estream.fhir.consent_denials"));
    }

    private static string Observation(string patient) => $$$"""
        {"resourceType":"Observation","identifier":[{"value":"o1"}],"status":"final","code":{"coding":[{"code":"718-7"}]},
         "subject":{"reference":"Patient/{{{patient}}}"},"effectiveDateTime":"2026-03-01","valueString":"value-of-the-observation",
         "component":[{"code":{"coding":[{"system":"urn:labs","code":"HIV-1"}]}}],
         "extension":[{"url":"urn:reason","valueCodeableConcept":{"coding":[{"code":"reason-1"}]}}]}
        """.Trim();

    private static string Consent(string rule) => $$$"""
        {"resourceType":"Consent","id":"c","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},
         "category":[{"coding":[{"code":"59284-0"}]}],"patient":{"reference":"Patient/p"},{{{rule}}}}
        """;

    private static string Transaction(string identifier) => $$$"""
        {"resourceType":"Bundle","type":"transaction","entry":[{"resource":{{{Observation($"?identifier=urn:mrn|{identifier}")
            .Replace("Patient/?", "Patient?", StringComparison.Ordinal)}}},"request":{"method":"POST","url":"Observation"}}]}
        """;

    private static async Task<string> ArrangeAsync(ServerRig rig, string rule)
    {
        await rig.SendAsync("PUT", "Patient/p",
            """{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:mrn","value":"7"}]}""", "doctor");
        string id = await rig.CreateAsync("Observation", Observation("p"), "doctor");
        Answer consent = await rig.SendAsync("PUT", "Consent/c", Consent(rule), "doctor");
        Assert.True(consent.Status == 201, consent.Body);
        return id;
    }
}
