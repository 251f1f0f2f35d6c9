using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Validation;

public sealed class ValidateTests
{
    [Fact]
    public async Task Validate_reports_what_the_profile_forbids()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer good = await rig.SendAsync("POST", "Patient/$validate", """{"resourceType":"Patient","gender":"female"}""");
        Assert.Equal(200, good.Status);
        Assert.DoesNotContain("\"error\"", good.Body, StringComparison.Ordinal);
        Answer bad = await rig.SendAsync("POST", "Observation/$validate", """{"resourceType":"Observation","status":"final"}""");
        Assert.Equal(200, bad.Status);
        Assert.Contains("\"error\"", bad.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_starts_without_the_validator()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        await rig.CreateAsync("Patient", """{"resourceType":"Patient"}""");

        // Other tests of this process may have called $validate, so only a new process can tell; this one checks the reference.
        Assert.DoesNotContain(
            typeof(FhirServer).GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance),
            field => field.FieldType.Assembly.GetName().Name!.StartsWith("Firely", StringComparison.Ordinal));
    }
}
