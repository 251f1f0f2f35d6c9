using System.Text;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Tests.Rig;
using Estream.Wire.Fhir.Validation;

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
    public async Task Body_of_validate_has_its_own_limit()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        string body = "{\"resourceType\":\"Patient\",\"language\":\"" + new string('x', LazyValidation.MaxBodyBytes) + "\"}";
        Answer answer = await rig.SendAsync("POST", "Patient/$validate", body);
        Assert.Equal((413, "too-long"), (answer.Status, answer.Issue));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"resourceType":"Patient","active":true,"active":true}""")]
    [InlineData("""{"resourceType":"Observation"}""")]
    [InlineData("""{"resourceType":"Parameters"}""")]
    public async Task Body_of_validate_that_is_not_a_resource_of_the_type_is_refused(string body)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await rig.SendAsync("POST", "Patient/$validate", body);
        Assert.Equal((400, "structure"), (answer.Status, answer.Issue));
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_part_of_a_body()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        const string Body = "\uFEFF{\"resourceType\":\"Patient\"}";
        Assert.Contains("The resource is valid.", (await rig.SendAsync("POST", "Patient/$validate", Body)).Body, StringComparison.Ordinal);
        Answer created = await rig.SendAsync("POST", "Patient", Body);
        Assert.Equal(201, created.Status);
        Assert.StartsWith("{", (await rig.SendAsync("GET", created.Location)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_that_the_server_does_not_know_is_a_warning()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await rig.SendAsync("POST", "Patient/$validate",
            """{"resourceType":"Patient","meta":{"profile":["http://example.com/StructureDefinition/p"]}}""");
        Assert.Contains("\"warning\"", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("\"error\"", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("transaction")]
    public async Task Bundle_with_validate_is_refused(string type)
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        Answer answer = await rig.SendAsync("POST", "", "{\"resourceType\":\"Bundle\",\"type\":\"" + type + "\",\"entry\":[{\"resource\":"
            + "{\"resourceType\":\"Patient\"},\"request\":{\"method\":\"POST\",\"url\":\"Patient/$validate\"}}]}");
        Assert.Contains("not-supported", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("is valid", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Further_validations_are_refused_while_many_are_in_progress()
    {
        // The first call loads the definitions, which takes longer than the other calls, unless a pause of this machine delays them.
        bool isRefused = false;
        for (int attempt = 0; attempt < 5 && !isRefused; attempt++)
        {
            isRefused = await IsAnyRefusedAsync();
        }

        Assert.True(isRefused, "a validation is refused");
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

    private static async Task<bool> IsAnyRefusedAsync()
    {
        using LazyValidation validation = new();
        byte[] body = Encoding.UTF8.GetBytes("""{"resourceType":"Patient"}""");
        FhirResponse[] answers = await Task.WhenAll(Enumerable.Range(0, 5 * LazyValidation.MaxRequests).Select(_ => Task.Run(
            () => validation.ValidateAsync(body, "Patient", CancellationToken.None))));
        Assert.Contains(answers, answer => answer.Status == 200);
        Assert.Equal(200, (await validation.ValidateAsync(body, "Patient", CancellationToken.None)).Status);
        return answers.Any(answer => answer.Status == 503 && answer.Code == "throttled");
    }
}
