using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Validation;

namespace Estream.Wire.Fhir.Tests.Validation;

/// <summary>The verdicts of the validator cases of HL7.</summary>
public sealed class VerdictTests
{
    private const string InText = "rules of bundles and codings that are in the text of R4 only; Firely checks those of the definitions";
    private const string Displays = "needs the display names of LOINC and CVX";
    private const string Extension = "an extension without a definition is a warning: R4 forbids to refuse a resource for it";
    private const string MimeType = "Firely takes a parameter of a MIME type with '/' only in quotes, as RFC 2045 requires";
    private const string NoOutcome = "the collection has no outcome without further profiles";

    /// <summary>The cases whose verdict differs, and why.</summary>
    private static readonly Dictionary<string, string> s_otherVerdict = new(StringComparer.Ordinal)
    {
        ["bundle-document-versioned-references-bad"] = InText,
        ["bundle-id-2"] = InText,
        ["mr-covid-bnd1"] = InText,
        ["mni-patientOverview-bundle-example1"] = InText,
        ["mni-patientOverview-bundle-example1b"] = InText,
        ["sdoh-type-slice"] = Displays,
        ["bundle-duplicate-ids-not"] = Displays,
        ["bundle-id-5"] = Displays,
        ["PulseOxBundle_25Oct2022"] = Displays,
        ["pat-dob-ext"] = Extension,
        ["pat-example-extensions"] = Extension,
        ["patient-with-turvakielto"] = Extension,
        ["obs-vs-1"] = "the validator of HL7 applies profiles of vital signs by the codes; Firely applies those of meta.profile",
        ["xml-bad-entities-json"] = "Firely replaces the entities of HTML, such as &reg;, before it reads a narrative",
        ["pat-security-bad-string"] = "an option of the validator of HL7 looks for HTML in strings; R4 permits it",
        ["bundle-signed-good"] = MimeType,
        ["signatures-example-1"] = MimeType,
    };

    /// <summary>The cases that are not judged, and why.</summary>
    private static readonly Dictionary<string, string> s_notJudged = new(StringComparer.Ordinal)
    {
        ["filter-display-error-with-path"] = NoOutcome,
        ["obs-max-decimal"] = NoOutcome,
        ["pat-fixed-date"] = NoOutcome,
        ["pat-minvalue-date"] = NoOutcome,
        ["patient-hs-1"] = NoOutcome,
        ["sig-bundle.json"] = NoOutcome,
        ["toplevel-maxvalueduration-fail"] = NoOutcome,
        ["toplevel-maxvalueduration-pass"] = NoOutcome,
        ["toplevel-minvalueduration-pass"] = NoOutcome,
    };

    [Fact]
    public async Task Verdicts_equal_those_of_the_cases()
    {
        using LazyValidation validation = new();
        List<string> wrong = [];
        foreach (Case one in Cases.Where(one => one.Errors is not null))
        {
            FhirResponse answer = await validation.ValidateAsync(
                FhirRequest.SkipByteOrderMark(Samples.Read(one.File, "validator")), one.Type, CancellationToken.None);
            string body = Encoding.UTF8.GetString(answer.Body.Span);
            bool isValid = answer.Status == 200 && !body.Contains("\"error\"", StringComparison.Ordinal)
                && !body.Contains("\"fatal\"", StringComparison.Ordinal);
            bool isSame = isValid == (one.Errors == 0);
            if (isSame == s_otherVerdict.ContainsKey(one.Name))
            {
                wrong.Add($"{one.Name}: {(isSame ? "the verdict is right; remove the case from the table" : "the verdict is wrong")}, "
                    + $"{answer.Status}, {one.Errors} errors expected: {body[..Math.Min(body.Length, 500)]}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Every_case_is_judged_or_listed()
    {
        HashSet<string> judged = [.. Cases.Where(one => one.Errors is not null).Select(one => one.Name)];
        Assert.Equal(
            s_notJudged.Keys.Order(StringComparer.Ordinal),
            Cases.Select(one => one.Name).Distinct().Where(name => !judged.Contains(name)).Order(StringComparer.Ordinal));
        Assert.All(s_otherVerdict.Keys, name => Assert.Contains(name, judged));
    }

    private static IEnumerable<Case> Cases =>
        JsonDocument.Parse(Samples.Read("index.json", "validator")).RootElement.EnumerateArray().Select(one => new Case(
            one.GetProperty("name").GetString()!,
            one.GetProperty("file").GetString()!.Replace('/', '_'),
            one.GetProperty("resourceType").GetString()!,
            one.GetProperty("java_errors") is { ValueKind: JsonValueKind.Number } errors ? errors.GetInt32() : null));

    /// <summary>A case, and the errors that the validator of HL7 reports without further profiles; null if it has no outcome.</summary>
    private readonly record struct Case(string Name, string File, string Type, int? Errors);
}
