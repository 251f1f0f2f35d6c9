using System.Globalization;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>Checks that a merged record discloses nothing that a consent denied. The observation is about Patient/p, and the consent is
/// about another record of the same person.</summary>
public sealed class LinkedPatientTests
{
    private const string Doctor = "doctor user/*.cruds user/Consent.cruds actor=Practitioner/d";
    private const string Nurse = "nurse user/*.cruds actor=Practitioner/n";
    private const string Deny =
        "\"provision\":{\"type\":\"deny\",\"actor\":[{\"role\":{},\"reference\":{\"reference\":\"Practitioner/n\"}}]}";

    /// <summary>Records, as FROM>TO:TYPE for a link, and the patient of the consent.</summary>
    [Theory]
    [InlineData("p>q:replaced-by", "Patient/q")]
    [InlineData("p>q:replaces", "Patient/q")]
    [InlineData("p>q:refer", "Patient/q")]
    [InlineData("p>q:seealso", "Patient/q")]
    [InlineData("q>p:replaced-by", "Patient/q")]
    [InlineData("q>p:seealso", "Patient/q")]
    [InlineData("p>r:replaced-by r>q:replaced-by", "Patient/q")]
    [InlineData("p>r:seealso q>r:seealso", "Patient/q")]
    [InlineData("r>p:replaces r>q:replaces", "Patient/q")]
    [InlineData("p>q:seealso q>p:seealso", "Patient/q")]
    [InlineData("p>q:seealso q>r:seealso r>p:seealso", "Patient/r")]
    [InlineData("p>p:seealso p>absent:refer", "Patient/absent")]
    [InlineData("p>absent:refer q>absent:refer", "Patient/q")]
    public async Task Denial_of_a_linked_record_counts(string links, string patient)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, links);
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
        await rig.CreateAsync("Consent", Consent($"\"reference\":\"{patient}\"", Deny), "doctor");
        await ReadPaths.AssertDeniedAsync(rig, "denied", "nurse");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "doctor")).Status);
        await rig.RestartAsync();
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("q>r:seealso")]
    public async Task Denial_of_an_unlinked_record_does_not_count(string links)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, links);
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/q\"", Deny), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
    }

    [Fact]
    public async Task Removed_link_no_longer_counts_and_a_deleted_record_keeps_its_links()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, "q>p:replaced-by");
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/q\"", Deny), "doctor");
        Assert.Equal(204, (await rig.SendAsync("DELETE", "Patient/q", null, "doctor")).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
        await rig.SendAsync("PUT", "Patient/q", Patient("q", ""), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
    }

    /// <summary>The identifiers of p and q, the link of p, and the identifier that the consent names.</summary>
    [Theory]
    [InlineData("urn:mrn|7", "", "|7")]
    [InlineData("|7", "", "urn:mrn|7")]
    [InlineData("", "urn:mrn|8", "urn:mrn|8")]
    public async Task Denial_by_a_linked_or_uncertain_identifier_counts(string own, string linked, string ofConsent)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, "");
        string link = linked.Length == 0 ? "" : $",\"link\":[{{\"type\":\"seealso\",\"other\":{{\"identifier\":{Identifier(linked)}}}}}]";
        string identifier = own.Length == 0 ? "" : $",\"identifier\":[{Identifier(own)}]";
        await rig.SendAsync("PUT", "Patient/p", Patient("p", identifier + link), "doctor");
        await rig.CreateAsync("Consent", Consent($"\"identifier\":{Identifier(ofConsent)}", Deny), "doctor");
        await ReadPaths.AssertDeniedAsync(rig, "denied", "nurse");
    }

    /// <summary>The identifier of a record, and the identifier that the link of the other record names.</summary>
    [Theory]
    [InlineData("urn:mrn|8", "|8", true)]
    [InlineData("|8", "urn:mrn|8", true)]
    [InlineData("|8", "|8", true)]
    [InlineData("urn:mrn|8", "urn:mrn|8", true)]
    [InlineData("urn:mrn|8", "urn:other|8", false)]
    [InlineData("|8", "urn:mrn|9", false)]
    public async Task Denial_counts_through_a_link_that_may_name_the_record(string identifier, string link, bool isDenied)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, "");
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/q\"", Deny), "doctor");
        string named = $",\"identifier\":[{Identifier(identifier)}]";
        string linking = $",\"link\":[{{\"type\":\"seealso\",\"other\":{{\"identifier\":{Identifier(link)}}}}}]";
        foreach ((string ofP, string ofQ) in ((string, string)[])[(named, linking), (linking, named)])
        {
            Assert.Equal(200, (await rig.SendAsync("PUT", "Patient/p", Patient("p", ofP), "doctor")).Status);
            Assert.Equal(200, (await rig.SendAsync("PUT", "Patient/q", Patient("q", ofQ), "doctor")).Status);
            Assert.Equal(isDenied ? 404 : 200, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
        }
    }

    /// <summary>The server cannot know which of the patients an identifier names, so a permission could disclose the data of the other.
    /// </summary>
    [Theory]
    [InlineData("\"reference\":\"Patient/q\"", "\"identifier\":{\"system\":\"urn:mrn\",\"value\":\"7\"}")]
    [InlineData("\"identifier\":{\"system\":\"urn:mrn\",\"value\":\"7\"}", "\"reference\":\"Patient/q\"")]
    public async Task Permission_by_an_identifier_that_two_patients_have_does_not_count(string patient, string subject)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            options => options with { ConsentDefault = false }, Doctor, Nurse);
        string identifiers = $",\"identifier\":[{Identifier("urn:mrn|7")}]";
        await rig.SendAsync("PUT", "Patient/q", Patient("q", identifiers), "doctor");
        await rig.SendAsync("PUT", "Observation/o", Observation("o", subject), "doctor");
        await rig.CreateAsync("Consent", Consent(patient, "\"provision\":{\"type\":\"permit\"}"), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
        await rig.SendAsync("PUT", "Patient/r", Patient("r", identifiers), "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
        await rig.SendAsync("PUT", "Patient/r", Patient("r", ""), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
    }

    [Fact]
    public async Task Equal_values_of_different_systems_are_different_identifiers()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, "");
        await rig.SendAsync("PUT", "Patient/p", Patient("p", $",\"identifier\":[{Identifier("urn:mrn|7")}]"), "doctor");
        await rig.CreateAsync("Consent", Consent($"\"identifier\":{Identifier("urn:other|7")}", Deny), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
    }

    /// <summary>A wrong link would otherwise disclose the data of another person.</summary>
    [Fact]
    public async Task Permission_of_a_linked_record_does_not_count()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            options => options with { ConsentDefault = false }, Doctor, Nurse);
        await ArrangeAsync(rig, "p>q:replaced-by");
        const string Permit = "\"provision\":{\"type\":\"permit\"}";
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/q\"", Permit), "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/p\"", Permit), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/denied", null, "nurse")).Status);
    }

    /// <summary>The identifier may be that of another person.</summary>
    [Fact]
    public async Task Permission_by_an_identifier_without_a_system_does_not_count()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            options => options with { ConsentDefault = false }, Doctor, Nurse);
        string identifiers = $",\"identifier\":[{Identifier("|7")}]";
        await rig.SendAsync("PUT", "Patient/x", Patient("x", identifiers), "doctor");
        await rig.SendAsync("PUT", "Patient/y", Patient("y", identifiers), "doctor");
        await rig.SendAsync("PUT", "Observation/o", Observation("o", $"\"identifier\":{Identifier("|7")}"), "doctor");
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/x\"", "\"provision\":{\"type\":\"permit\"}"), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Patient/x", null, "nurse")).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", "Patient/y", null, "nurse")).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
    }

    [Fact]
    public async Task Permission_of_a_patient_with_the_same_identifier_does_not_open_the_other_patient()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(
            options => options with { ConsentDefault = false }, Doctor, Nurse);
        string identifiers = $",\"identifier\":[{Identifier("urn:mrn|7")}]";
        await rig.SendAsync("PUT", "Patient/x", Patient("x", identifiers), "doctor");
        await rig.SendAsync("PUT", "Patient/y", Patient("y", identifiers), "doctor");
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/x\"", "\"provision\":{\"type\":\"permit\"}"), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Patient/x", null, "nurse")).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", "Patient/y", null, "nurse")).Status);
    }

    [Fact]
    public async Task Identifier_beside_a_reference_does_not_find_other_patients()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, Nurse);
        await ArrangeAsync(rig, "");
        await rig.SendAsync("PUT", "Patient/q", Patient("q", $",\"identifier\":[{Identifier("urn:mrn|7")}]"), "doctor");
        await rig.CreateAsync("Consent", Consent("\"reference\":\"Patient/q\"", Deny), "doctor");
        string subject = $"\"reference\":\"Patient/p\",\"identifier\":{Identifier("|7")}";
        await rig.SendAsync("PUT", "Observation/o", Observation("o", subject), "doctor");
        Assert.Equal(200, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
        await rig.SendAsync("PUT", "Observation/o", Observation("o", $"\"identifier\":{Identifier("|7")}"), "doctor");
        Assert.Equal(404, (await rig.SendAsync("GET", "Observation/o", null, "nurse")).Status);
    }

    [Fact]
    public async Task Too_many_links_and_links_of_a_patient_client_are_refused()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, "app patient/*.cruds patient=p");
        await ArrangeAsync(rig, "");
        string[] many = [.. Enumerable.Range(0, 65).Select(link => string.Create(CultureInfo.InvariantCulture, $"r{link}:seealso"))];
        Assert.Equal(422, (await rig.SendAsync("PUT", "Patient/p", Patient("p", Links(many)), "doctor")).Status);
        Assert.Equal(403, (await rig.SendAsync("PUT", "Patient/p", Patient("p", Links(["q:seealso"])), "app")).Status);
        Assert.Equal(200, (await rig.SendAsync("PUT", "Patient/p", Patient("p", ""), "app")).Status);
    }

    private static async Task ArrangeAsync(ServerRig rig, string links)
    {
        string[] all = links.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (string record in (string[])["p", "q", "r"])
        {
            string[] own = [.. all.Where(link => link.StartsWith(record + '>', StringComparison.Ordinal)).Select(link => link[2..])];
            Answer answer = await rig.SendAsync("PUT", $"Patient/{record}", Patient(record, Links(own)), "doctor");
            Assert.True(answer.Status == 201, answer.Body);
        }

        Answer made = await rig.SendAsync("PUT", "Observation/denied", Observation("denied", "\"reference\":\"Patient/p\""), "doctor");
        Assert.Equal(201, made.Status);
    }

    private static string Observation(string id, string subject) => $$$"""
        {"resourceType":"Observation","id":"{{{id}}}","status":"final","code":{"coding":[{"code":"718-7"}]},
         "subject":{{{{subject}}}},"valueString":"{{{ReadPaths.Secret}}}"}
        """;

    /// <summary>Returns the element <c>link</c>, from links as TO:TYPE.</summary>
    private static string Links(string[] links) => links.Length == 0 ? "" : $",\"link\":[{string.Join(',', links.Select(link =>
        $"{{\"type\":\"{link.Split(':')[1]}\",\"other\":{{\"reference\":\"Patient/{link.Split(':')[0]}\"}}}}"))}]";

    private static string Patient(string id, string elements) => $"{{\"resourceType\":\"Patient\",\"id\":\"{id}\"{elements}}}";

    private static string Identifier(string text) => text.StartsWith('|') ? $"{{\"value\":\"{text[1..]}\"}}"
        : $"{{\"system\":\"{text.Split('|')[0]}\",\"value\":\"{text.Split('|')[1]}\"}}";

    private static string Consent(string patient, string rule) => $$$"""
        {"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"text":"c"}],
         "patient":{{{{patient}}}},{{{rule}}}}
        """;
}
