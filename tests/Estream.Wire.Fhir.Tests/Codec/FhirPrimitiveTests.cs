using System.Text;
using System.Text.Json;
using Estream.Wire.Fhir.Codec;

namespace Estream.Wire.Fhir.Tests.Codec;

/// <summary>The test data of google/fhir for primitive types.</summary>
public sealed class FhirPrimitiveTests
{
    private delegate bool Check(ReadOnlySpan<byte> text);

    private static readonly Dictionary<string, Check> s_checks = new()
    {
        ["code"] = FhirPrimitives.IsCode,
        ["date_time"] = FhirPrimitives.IsDateTime,
        ["id"] = FhirPrimitives.IsId,
        ["time"] = FhirPrimitives.IsTime,
        ["uri"] = FhirPrimitives.IsUri,
        ["uuid"] = FhirPrimitives.IsUri,
        ["markdown"] = FhirPrimitives.IsString,
    };

    public static TheoryData<string> Types => [.. s_checks.Keys];

    [Theory]
    [MemberData(nameof(Types))]
    public void Valid_texts_are_accepted(string type)
    {
        foreach (string text in Texts("valid", type))
        {
            Assert.True(s_checks[type](Encoding.UTF8.GetBytes(text)), text);
        }
    }

    [Theory]
    [InlineData("code")]
    [InlineData("date_time")]
    [InlineData("id")]
    [InlineData("time")]
    public void Invalid_texts_are_refused(string type)
    {
        foreach (string text in Texts("invalid", type))
        {
            Assert.False(s_checks[type](Encoding.UTF8.GetBytes(text)), text);
        }
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("2013-02-29")]
    [InlineData("2013-02-03T24:00:00Z")]
    [InlineData("2013-02-03T10:00:00+15:00")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("2013-02-03T10:00:00.Z")]
    public void Impossible_times_are_refused(string text) => Assert.False(FhirPrimitives.IsDateTime(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("9999")]
    [InlineData("9999-12")]
    [InlineData("9999-12-31")]
    [InlineData("2016-12-31T23:59:60Z")]
    public void Times_at_the_end_of_the_calendar_are_accepted(string text) =>
        Assert.True(FhirPrimitives.IsDateTime(Encoding.UTF8.GetBytes(text)));

    private static IEnumerable<string> Texts(string kind, string type) =>
        File.ReadLines(Path.Combine(Samples.Folder("primitives"), kind, $"{type}.ndjson")).Where(line => line.Length > 0)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!);
}
