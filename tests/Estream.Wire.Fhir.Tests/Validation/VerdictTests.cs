using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Validation;

namespace Estream.Wire.Fhir.Tests.Validation;

/// <summary>The verdicts of the validator cases of HL7.</summary>
public sealed class VerdictTests
{
    // The profiles of the first three are not part of R4; the last is a check of the Java validator for HTML in strings.
    private static readonly string[] s_otherVerdict = ["obs-temp", "obs-fio2", "pat-dob-ext", "pat-security-bad-string"];

    [Fact]
    public async Task Verdicts_equal_those_of_the_cases()
    {
        using LazyValidation validation = new();
        List<string> differences = [];
        foreach (JsonElement one in JsonDocument.Parse(Samples.Read("index.json", "validator")).RootElement.EnumerateArray())
        {
            byte[] resource = Samples.Read(one.GetProperty("file").GetString()!, "validator");
            FhirResponse answer = await validation.ValidateAsync(
                resource, one.GetProperty("resourceType").GetString()!, CancellationToken.None);
            bool isValid = answer.Status == 200
                && !Encoding.UTF8.GetString(answer.Body.Span).Contains("\"error\"", StringComparison.Ordinal)
                && !Encoding.UTF8.GetString(answer.Body.Span).Contains("\"fatal\"", StringComparison.Ordinal);
            bool isOther = s_otherVerdict.Contains(one.GetProperty("name").GetString());
            if ((isValid ^ isOther) != (one.GetProperty("java_errors").GetInt32() == 0))
            {
                string body = Encoding.UTF8.GetString(answer.Body.Span);
                differences.Add($"{one.GetProperty("name")}: {answer.Status} {body[..Math.Min(body.Length, 250)]}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }
}
