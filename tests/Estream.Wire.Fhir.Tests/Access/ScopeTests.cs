using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

public sealed class ScopeTests
{
    private static readonly string s_hash = new('a', 64);

    [Theory]
    [InlineData("")]
    [InlineData("user")]
    [InlineData("user/Observation")]
    [InlineData("user/Observation.")]
    [InlineData("user/Observation.sr")]
    [InlineData("user/Medication.r")]
    [InlineData("admin/Observation.r")]
    [InlineData("user/Observation.r?mood=good")]
    [InlineData("user/*.r?status=final")]
    [InlineData("user/Observation.r?patient.identifier=7")]
    public void Scope_is_refused(string text) => Assert.False(SmartScope.TryParse(text, ServerUrls.None, out _));

    [Theory]
    [InlineData("user/Observation.rs", "Observation", (int)SmartAction.Search, true)]
    [InlineData("user/Observation.rs", "Observation", (int)SmartAction.Create, false)]
    [InlineData("user/Observation.rs", "Patient", (int)SmartAction.Read, false)]
    [InlineData("system/*.read", "Patient", (int)SmartAction.Search, true)]
    [InlineData("system/*.write", "Patient", (int)SmartAction.Delete, true)]
    [InlineData("system/*.write", "Patient", (int)SmartAction.Read, false)]
    [InlineData("system/*.*", "Consent", (int)SmartAction.Update, false)]
    [InlineData("system/*.*", "Consent", (int)SmartAction.Create, false)]
    [InlineData("system/*.*", "Consent", (int)SmartAction.Delete, false)]
    [InlineData("system/*.*", "Consent", (int)SmartAction.Search, true)]
    [InlineData("system/Consent.*", "Consent", (int)SmartAction.Update, true)]
    [InlineData("user/Patient.c", "Patient", (int)SmartAction.Create, true)]
    public void Scope_covers(string text, string type, int action, bool isCovered)
    {
        Assert.True(SmartScope.TryParse(text, ServerUrls.None, out SmartScope? scope));
        Assert.Equal(isCovered, scope.Covers(type, (SmartAction)action));
    }

    [Theory]
    [InlineData("a 00 user/*.r")]
    [InlineData("a {0}")]
    [InlineData("a {0} patient/*.r")]
    [InlineData("a {0} user/*.r role=x")]
    [InlineData("a {0} user/*.r expires=soon")]
    public void Line_of_the_tokens_file_is_refused(string line)
    {
        string[] lines = [string.Format(null, line, s_hash), $"b {s_hash} user/*.r"];
        FhirTokens tokens = FhirTokens.Parse(lines, ServerUrls.None, SystemClock.Instance);
        Assert.Contains("line 1", tokens.Problem!, StringComparison.Ordinal);
        Assert.Null(tokens.FindName("a"));
        Assert.NotNull(tokens.FindName("b"));
    }

    [Fact]
    public async Task An_invalid_line_removes_its_token_and_no_other()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("old user/*.r", "other user/*.r");
        Assert.Equal(404, (await rig.SendAsync("GET", "Patient/p", null, "old")).Status);
        string[] lines = File.ReadAllLines(rig.TokensFile!);
        SecretFiles.Write(rig.TokensFile!, $"{lines[0]} expires=never\n{lines[1]}\n");
        await Eventually.TrueAsync(
            async () => (await rig.SendAsync("GET", "Patient/p", null, "old")).Status == 401, "the token of the invalid line is revoked");
        Assert.Equal(404, (await rig.SendAsync("GET", "Patient/p", null, "other")).Status);
        Assert.Equal(HealthState.Degraded, rig.Server.Health.State);
        Assert.Contains("invalid line 1", rig.Server.Health.Detail, StringComparison.Ordinal);
        File.Delete(rig.TokensFile!);
        rig.Server.ReloadCredentials();
        Assert.Equal(401, (await rig.SendAsync("GET", "Patient/p", null, "other")).Status);
    }

    [Fact]
    public async Task A_token_expires()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            "old user/*.r expires=2020-01-31", "new user/*.r expires=2999-01-31T00:00:00Z");
        Assert.Equal(401, (await rig.SendAsync("GET", "Patient/p", null, "old")).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", "Patient/p", null, "new")).Status);
    }

    [Fact]
    public async Task A_tokens_file_that_other_users_may_use_is_refused()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("a user/*.r");
        SecretFiles.SetMode(rig.TokensFile!, (UnixFileMode)0x1b4);
        WireConfigurationException failure = await Assert.ThrowsAsync<WireConfigurationException>(() => rig.RestartAsync());
        Assert.Contains("chmod 600", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_need_a_token_and_its_scopes()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("reader user/Observation.rs", "writer user/*.cud user/Patient.s");
        Assert.Equal(401, (await rig.SendAsync("GET", "Observation")).Status);
        Assert.Equal(401, (await rig.SendAsync("GET", "Observation", null, "other")).Status);
        const string Body = """{"resourceType":"Patient"}""";
        Assert.Equal(403, (await rig.SendAsync("POST", "Patient", Body, "reader")).Status);
        string id = await rig.CreateAsync("Patient", Body, "writer");
        Assert.Equal(403, (await rig.SendAsync("GET", $"Patient/{id}", null, "writer")).Status);
        Assert.Equal(403, (await rig.SendAsync("GET", "Patient", null, "reader")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation", null, "reader")).Status);
        Assert.DoesNotContain(id, (await rig.SendAsync("GET", "_history", null, "reader")).Body, StringComparison.Ordinal);
        Assert.Equal(403, (await rig.SendAsync("GET", "Observation?patient.identifier=7", null, "reader")).Status);
        Assert.Equal(403, (await rig.SendAsync("PATCH", $"Patient/{id}", "[]", "writer")).Status);
    }

    [Fact]
    public async Task Patient_scope_reaches_one_compartment_only()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds", "app patient/*.cruds patient=p");
        foreach (string patient in (string[])["p", "q"])
        {
            await rig.SendAsync("PUT", $"Patient/{patient}", $$$"""{"resourceType":"Patient","id":"{{{patient}}}"}""", "all");
            Answer made = await rig.SendAsync("PUT", $"Observation/o{patient}", Observation($"o{patient}", patient), "all");
            Assert.Equal(201, made.Status);
        }

        Assert.Equal(["op"], (await rig.SendAsync("GET", "Observation", null, "app")).Ids);
        Assert.Equal(["p"], (await rig.SendAsync("GET", "Patient", null, "app")).Ids);
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/oq", null, "app")).Status);
        Assert.Equal(403, (await rig.SendAsync("PUT", "Observation/oq", Observation("oq", "p"), "app")).Status);
        Assert.Equal(403, (await rig.SendAsync("PUT", "Observation/op", Observation("op", "q"), "app")).Status);
        Assert.Equal(403, (await rig.SendAsync("POST", "Observation", Observation("x", "q"), "app")).Status);
        Assert.Equal(200, (await rig.SendAsync("PUT", "Observation/op", Observation("op", "p"), "app")).Status);
        Assert.Equal(404, (await rig.SendAsync("PATCH", "Observation/oq", "[]", "app")).Status);
        const string Move = """[{"op":"replace","path":"/subject/reference","value":"Patient/q"}]""";
        Assert.Equal(403, (await rig.SendAsync("PATCH", "Observation/op", Move, "app")).Status);
    }

    [Fact]
    public async Task Patient_scope_writes_nothing_about_an_identifier_that_may_be_of_another_patient()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("app patient/*.cruds patient=p");
        const string Both = """
            {"resourceType":"Observation","status":"final","code":{"text":"c"},
             "subject":{"reference":"Patient/p","identifier":{"system":"urn:mr","value":"q"}}}
            """;
        Assert.Equal(403, (await rig.SendAsync("POST", "Observation", Both, "app")).Status);
    }

    [Fact]
    public async Task Chains_and_conditional_references_find_only_what_the_scopes_cover()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            "all system/*.cruds", "app user/Observation.cruds patient/Patient.rs patient=p");
        foreach (string patient in (string[])["p", "q"])
        {
            await rig.SendAsync("PUT", $"Patient/{patient}",
                $$$"""{"resourceType":"Patient","id":"{{{patient}}}","identifier":[{"value":"{{{patient}}}1"}]}""", "all");
            await rig.SendAsync("PUT", $"Observation/o{patient}", Observation($"o{patient}", patient), "all");
        }

        Assert.Equal(["oq"], (await rig.SendAsync("GET", "Observation?patient.identifier=q1", null, "all")).Ids);
        Assert.Equal(["op"], (await rig.SendAsync("GET", "Observation?patient.identifier=p1", null, "app")).Ids);
        Assert.Empty((await rig.SendAsync("GET", "Observation?patient.identifier=q1", null, "app")).Ids);
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/oq", null, "app")).Status);
        Answer other = await rig.SendAsync("POST", "", Transaction("Patient?identifier=q1"), "app");
        Assert.Equal((412, "not-found"), (other.Status, other.Issue));
        Assert.Equal(200, (await rig.SendAsync("POST", "", Transaction("Patient?identifier=p1"), "app")).Status);
    }

    [Fact]
    public async Task A_condition_finds_nothing_outside_the_scopes()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds", "app patient/*.cruds patient=p");
        await rig.SendAsync("PUT", "Observation/oq", Observation("oq", "q"), "all");
        Assert.Equal(204, (await rig.SendAsync("DELETE", "Observation?patient=Patient/q", null, "app")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/oq", null, "all")).Status);
        Assert.Equal(204, (await rig.SendAsync("DELETE", "Observation?patient=Patient/q", null, "all")).Status);
        Assert.Equal(410, (await rig.SendAsync("GET", "Observation/oq", null, "all")).Status);
    }

    [Fact]
    public void A_name_stands_for_one_token()
    {
        string[] lines = [$"a {s_hash} user/*.r", $"a {new string('b', 64)} user/Patient.r"];
        Assert.Contains("line 2", FhirTokens.Parse(lines, ServerUrls.None, SystemClock.Instance).Problem!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scope_with_a_query_filters()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync("all system/*.cruds", "lab user/Observation.rs?status=final");
        await rig.SendAsync("PUT", "Observation/a", Observation("a", "p"), "all");
        await rig.SendAsync("PUT", "Observation/b", Observation("b", "p").Replace("final", "amended", StringComparison.Ordinal), "all");
        Assert.Equal(["a"], (await rig.SendAsync("GET", "Observation", null, "lab")).Ids);
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/b", null, "lab")).Status);
    }

    [Fact]
    public async Task A_client_that_a_consent_denies_cannot_remove_the_consent()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            "privacy user/Consent.cruds", "nurse user/*.cruds actor=Practitioner/n");
        const string Consent = """
            {"resourceType":"Consent","id":"c","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},
             "category":[{"text":"c"}],"patient":{"reference":"Patient/p"},"identifier":[{"value":"7"}],
             "provision":{"type":"deny","actor":[{"role":{"text":"r"},"reference":{"reference":"Practitioner/n"}}]}}
            """;
        await rig.SendAsync("PUT", "Observation/o", Observation("o", "p"), "nurse");
        Assert.Equal(201, (await rig.SendAsync("PUT", "Consent/c", Consent, "privacy")).Status);
        string inactive = Consent.Replace("active", "inactive", StringComparison.Ordinal);
        (string Method, string Path, string? Body)[] writes =
        [
            ("PUT", "Consent/c", inactive), ("PUT", "Consent?identifier=7", inactive), ("POST", "Consent", Consent),
            ("PATCH", "Consent/c", """[{"op":"replace","path":"/status","value":"inactive"}]"""), ("PATCH", "Consent?identifier=7", "[]"),
            ("DELETE", "Consent/c", null), ("DELETE", "Consent?identifier=7", null),
        ];
        foreach ((string method, string path, string? body) in writes)
        {
            Assert.Equal((403, path), ((await rig.SendAsync(method, path, body, "nurse")).Status, path));
            string entry = $"{{{(body is null ? "" : $"\"resource\":{body},")}\"request\":{{\"method\":\"{method}\",\"url\":\"{path}\"}}}}";
            string bundle = $"{{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{entry}]}}";
            Answer transaction = await rig.SendAsync("POST", "", bundle, "nurse");
            Assert.True(transaction.Status is 403 or 400, transaction.Body);
            await rig.SendAsync("POST", "", bundle.Replace("transaction", "batch", StringComparison.Ordinal), "nurse");
        }

        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
        Assert.Equal("W/\"1\"", (await rig.SendAsync("GET", "Consent/c", null, "privacy")).ETag);
        Assert.Equal(200, (await rig.SendAsync("PUT", "Consent/c", inactive, "privacy")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
    }

    private static string Transaction(string subject) => $$$"""
        {"resourceType":"Bundle","type":"transaction","entry":[
         {"resource":{{{Observation("ignored", "p").Replace("Patient/p", subject, StringComparison.Ordinal)}}},
          "request":{"method":"POST","url":"Observation"}}]}
        """;

    private static string Observation(string id, string patient) => $$$"""
        {"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"text":"c"},"subject":{"reference":"Patient/{{{patient}}}"}}
        """;
}
