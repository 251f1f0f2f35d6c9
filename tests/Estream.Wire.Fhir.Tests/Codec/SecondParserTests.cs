using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Estream.Wire.Fhir.Tests.Codec;

/// <summary>Hl7.Fhir.R4 as a second parser: it accepts what the server stores, and reads the same values as the translation.</summary>
public sealed class SecondParserTests
{
    public static TheoryData<string> Names => [.. Samples.Mapped];

    [Theory]
    [MemberData(nameof(Names))]
    public void Stamped_example_is_read_by_the_second_parser(string name)
    {
        FhirJsonDeserializer parser = FhirJsonDeserializer.RECOVERABLE;
        ResourceStamp stamp = new(Samples.TypeOf(name), "id-1", 7, 1_700_000_000_000_000_000);
        Resource resource = parser.DeserializeResource(Encoding.UTF8.GetString(ResourceText.Stamp(Samples.Read(name), stamp)));
        Assert.Equal(("id-1", "7"), (resource.Id, resource.Meta!.VersionId));
        Assert.Equal(Samples.TypeOf(name), resource.TypeName);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Observation_value_equals_that_of_the_second_parser(string name)
    {
        if (Samples.TypeOf(name) != "Observation")
        {
            return;
        }

        byte[] json = Samples.Read(name);
        Observation expected = (Observation)FhirJsonDeserializer.RECOVERABLE.DeserializeResource(Encoding.UTF8.GetString(json));
        JsonElement actual = Translate(json);
        Assert.Equal(expected.Id, actual.GetProperty("id").GetString());
        Assert.Equal(expected.Code.Coding.Select(coding => IsPublished(coding) ? coding.Code : null),
            actual.GetProperty("code").TryGetProperty("coding", out JsonElement codings)
                ? codings.EnumerateArray().Select(coding => coding.TryGetProperty("code", out JsonElement code) ? code.GetString() : null)
                : []);
        Assert.Equal(expected.Component.Count, actual.TryGetProperty("component", out JsonElement parts) ? parts.GetArrayLength() : 0);
        if (expected.Value is Quantity { Value: { } number })
        {
            JsonElement quantity = actual.GetProperty("value").GetProperty("quantity");
            decimal scaled = quantity.GetProperty("value").GetInt64() / (decimal)Math.Pow(10, quantity.GetProperty("scale").GetInt32());
            Assert.Equal(number.ToString(CultureInfo.InvariantCulture), decimal.Round(scaled, number.Scale)
                .ToString($"F{number.Scale}", CultureInfo.InvariantCulture));
        }
    }

    private static bool IsPublished(Coding coding) => CodeForms.IsVersion(Encoding.UTF8.GetBytes(coding.Version ?? "1"))
        && Terminologies.IsCode(Encoding.UTF8.GetBytes(coding.System ?? ""), Encoding.UTF8.GetBytes(coding.Code ?? ""));

    private static JsonElement Translate(byte[] json)
    {
        ResourceMap map = FhirSchemas.Maps["Observation"];
        byte[] message = new byte[1 << 17];
        Assert.True(FhirEncoder.Encode(map, json, null, message, out int length).IsOk);
        ArrayBufferWriter<byte> text = new();
        Assert.True(EsfJson.WriteJson(map.Schema, message.AsSpan(0, length), text, EsfDisclosure.Disclosed).IsOk);
        return JsonDocument.Parse(text.WrittenMemory).RootElement;
    }
}
