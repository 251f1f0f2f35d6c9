using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>A client with scopes of a patient cannot give its Patient the identifier of another person.</summary>
public sealed class PatientIdentityTests
{
    private const string Doctor = "doctor user/*.cruds user/Consent.cruds actor=Practitioner/d";
    private const string App = "app patient/*.cruds patient=p";
    private const string Mrn = "{\"system\":\"urn:mrn\",\"value\":\"1\"}";
    private const string Other = "{\"system\":\"urn:mrn\",\"value\":\"2\"}";

    [Theory]
    [InlineData(Mrn + "," + Other)]
    [InlineData(Other)]
    [InlineData("{\"value\":\"1\"}")]
    [InlineData("{\"system\":\"urn:other\",\"value\":\"1\"}")]
    [InlineData("")]
    public async Task Patient_client_cannot_change_identifiers(string identifiers)
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, App);
        await rig.SendAsync("PUT", "Patient/p", Patient(Mrn), "doctor");
        string body = Patient(identifiers);
        Answer put = await rig.SendAsync("PUT", "Patient/p", body, "app");
        Assert.Equal((403, "forbidden"), (put.Status, put.Issue));
        Assert.Equal("Patient.identifier", put.Root.GetProperty("issue")[0].GetProperty("expression")[0].GetString());
        Assert.Equal(403, (await rig.SendAsync("PUT", "Patient?_id=p", body, "app")).Status);
        Assert.Equal(403, (await rig.SendAsync(
            "PATCH", "Patient/p", $$"""[{"op":"replace","path":"/identifier","value":[{{identifiers}}]}]""", "app")).Status);
        Assert.Equal(403, (await rig.SendAsync("POST", "", Bundle("transaction", body), "app")).Status);
        Answer batch = await rig.SendAsync("POST", "", Bundle("batch", body), "app");
        Assert.Contains("\"status\":\"403\"", batch.Body, StringComparison.Ordinal);

        // A deleted patient keeps its identifiers.
        Assert.Equal(204, (await rig.SendAsync("DELETE", "Patient/p", null, "app")).Status);
        Assert.Equal(403, (await rig.SendAsync("PUT", "Patient/p", body, "app")).Status);
        Assert.Equal(201, (await rig.SendAsync("PUT", "Patient/p", Patient(Mrn), "app")).Status);
    }

    [Fact]
    public async Task Patient_client_can_change_other_elements()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, App);
        await rig.SendAsync("PUT", "Patient/p", Patient(Mrn + "," + Other), "doctor");
        string body = Patient(Other + "," + Mrn.Replace("{", "{\"use\":\"usual\",", StringComparison.Ordinal))
            .Replace("\"id\"", "\"gender\":\"female\",\"id\"", StringComparison.Ordinal);
        Assert.Equal(200, (await rig.SendAsync("PUT", "Patient/p", body, "app")).Status);
    }

    [Fact]
    public async Task Patient_client_cannot_create_its_patient_with_an_identifier()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(App);
        Assert.Equal(403, (await rig.SendAsync("PUT", "Patient/p", Patient(Mrn), "app")).Status);
        Assert.Equal(201, (await rig.SendAsync("PUT", "Patient/p", Patient(""), "app")).Status);
    }

    [Fact]
    public async Task Client_with_a_user_scope_for_patients_can_change_identifiers()
    {
        await using ServerRig rig = await ServerRig.StartWithTokensAsync(Doctor, App + " user/Patient.u");
        await rig.SendAsync("PUT", "Patient/p", Patient(Mrn), "doctor");
        Assert.Equal(200, (await rig.SendAsync("PUT", "Patient/p", Patient(Other), "app")).Status);
    }

    private static string Patient(string identifiers) =>
        $"{{\"resourceType\":\"Patient\",\"id\":\"p\"{(identifiers.Length > 0 ? $",\"identifier\":[{identifiers}]" : "")}}}";

    private static string Bundle(string type, string body) => $$$"""
        {"resourceType":"Bundle","type":"{{{type}}}","entry":[{"resource":{{{body}}},"request":{"method":"PUT","url":"Patient/p"}}]}
        """;
}
