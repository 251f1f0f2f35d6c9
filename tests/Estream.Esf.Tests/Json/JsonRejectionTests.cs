using System.Text;

namespace Estream.Esf.Tests;

/// <summary>
/// JSON that does not match a schema is rejected with a reason that names the field and the byte. Every case has one error in an otherwise
/// valid reading.
/// </summary>
public sealed class JsonRejectionTests
{
    private const string Good = """{"device_id":"d","timestamp":1,"metric_name":"m","value":1""";

    [Theory]
    [InlineData("", EsfError.MalformedJson, null)]
    [InlineData("[]", EsfError.WrongType, null)]
    [InlineData("\"x\"", EsfError.WrongType, null)]
    [InlineData("{", EsfError.MalformedJson, null)]
    [InlineData("{]", EsfError.MalformedJson, null)]
    [InlineData("{}", EsfError.MissingField, "device_id")]
    [InlineData(Good, EsfError.MalformedJson, null)]
    [InlineData(Good + ",}", EsfError.MalformedJson, null)]
    [InlineData(Good + "} x", EsfError.TrailingText, null)]
    [InlineData(Good + "}{}", EsfError.TrailingText, null)]
    [InlineData(Good + ",\"unit\" \"C\"}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"unit\":C}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"unit\":\"C}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"unit\":\"C\n\"}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"unit\":\"\\x\"}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"unit\":\"\\u12G4\"}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"unit\":\"\\ud800\"}", EsfError.InvalidUtf8, "unit")]
    [InlineData(Good + ",\"unit\":\"\\udc00\"}", EsfError.InvalidUtf8, "unit")]
    [InlineData(Good + ",\"unit\":\"\\ud800\\u0041\"}", EsfError.InvalidUtf8, "unit")]
    [InlineData(Good + ",\"unit\":null}", EsfError.NullValue, "unit")]
    [InlineData(Good + ",\"unit\":5}", EsfError.WrongType, "unit")]
    [InlineData(Good + ",\"unit\":\"123456789012345678901234567890123\"}", EsfError.TooLong, "unit")]
    [InlineData(Good + ",\"colour\":\"red\"}", EsfError.UnknownMember, null)]
    [InlineData(Good + ",\"value\":2}", EsfError.DuplicateMember, "value")]
    [InlineData(Good + ",\"quality\":256}", EsfError.OutOfRange, "quality")]
    [InlineData(Good + ",\"quality\":-1}", EsfError.OutOfRange, "quality")]
    [InlineData(Good + ",\"quality\":1.0}", EsfError.NotAnInteger, "quality")]
    [InlineData(Good + ",\"quality\":1e1}", EsfError.NotAnInteger, "quality")]
    [InlineData(Good + ",\"quality\":01}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"quality\":+1}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"quality\":1.}", EsfError.MalformedJson, null)]
    [InlineData(Good + ",\"quality\":\"1\"}", EsfError.WrongType, "quality")]
    [InlineData(Good + ",\"quality\":true}", EsfError.WrongType, "quality")]
    [InlineData(Good + ",\"location\":{\"latitude\":1e400,\"longitude\":2}}", EsfError.OutOfRange, "location.latitude")]
    [InlineData(Good + ",\"location\":{\"latitude\":1}}", EsfError.MissingField, "location.longitude")]
    [InlineData(Good + ",\"location\":[1,2]}", EsfError.WrongType, "location")]
    [InlineData(Good + ",\"metadata\":{\"a\":\"1\",\"a\":\"2\"}}", EsfError.DuplicateKey, "metadata")]
    [InlineData(Good + ",\"metadata\":{\"a\":1}}", EsfError.WrongType, "metadata")]
    [InlineData(Good + ",\"metadata\":{\"a\"}}", EsfError.MalformedJson, null)]
    public void TryEncode_names_the_error_and_the_field(string json, EsfError expected, string? field)
    {
        EsfStatus status = Schemas.TryEncode(Schemas.Telemetry, json);
        Assert.Equal((expected, field), (status.Error, status.Field));
    }

    [Theory]
    [InlineData("""{"state":"Ajar"}""", EsfError.UnknownEnumValue)]
    [InlineData("""{"state":1}""", EsfError.WrongType)]
    [InlineData("""{"key":"00"}""", EsfError.WrongLength)]
    [InlineData("""{"key":"zz00000000000000000000000000000000000000000000000000000000000000"}""", EsfError.InvalidHex)]
    [InlineData("""{"raw":"abc"}""", EsfError.InvalidHex)]
    [InlineData("""{"raw":"0g"}""", EsfError.InvalidHex)]
    [InlineData("""{"raw":[1,2]}""", EsfError.WrongType)]
    [InlineData("""{"h":9223372036854775808}""", EsfError.OutOfRange)]
    [InlineData("""{"h":-9223372036854775809}""", EsfError.OutOfRange)]
    [InlineData("""{"d":18446744073709551616}""", EsfError.OutOfRange)]
    [InlineData("""{"d":99999999999999999999999999}""", EsfError.OutOfRange)]
    [InlineData("""{"e":-129}""", EsfError.OutOfRange)]
    [InlineData("""{"c":4294967296}""", EsfError.OutOfRange)]
    [InlineData("""{"i":1e39}""", EsfError.OutOfRange)]
    [InlineData("""{"j":"nan"}""", EsfError.WrongType)]
    [InlineData("""{"d":"18446744073709551616"}""", EsfError.OutOfRange)]
    [InlineData("""{"d":"99999999999999999999999999"}""", EsfError.OutOfRange)]
    [InlineData("""{"d":"-1"}""", EsfError.OutOfRange)]
    [InlineData("""{"h":"9223372036854775808"}""", EsfError.OutOfRange)]
    [InlineData("""{"h":"-9223372036854775809"}""", EsfError.OutOfRange)]
    [InlineData("""{"at":"9223372036854775808"}""", EsfError.OutOfRange)]
    [InlineData("""{"at":"-9223372036854775809"}""", EsfError.OutOfRange)]
    [InlineData("""{"d":""}""", EsfError.WrongType)]
    [InlineData("""{"h":"-"}""", EsfError.WrongType)]
    [InlineData("""{"h":"--1"}""", EsfError.WrongType)]
    [InlineData("""{"h":"+1"}""", EsfError.WrongType)]
    [InlineData("""{"h":"1.0"}""", EsfError.WrongType)]
    [InlineData("""{"h":"1e3"}""", EsfError.WrongType)]
    [InlineData("""{"h":" 1"}""", EsfError.WrongType)]
    [InlineData("""{"h":"1 "}""", EsfError.WrongType)]
    [InlineData("""{"h":"1\n"}""", EsfError.WrongType)]
    [InlineData("""{"h":"1\u0000"}""", EsfError.WrongType)]
    [InlineData("""{"d":"0x10"}""", EsfError.WrongType)]
    [InlineData("""{"d":"1,000"}""", EsfError.WrongType)]
    [InlineData("""{"d":"١"}""", EsfError.WrongType)]
    [InlineData("""{"at":"2024-01-01T00:00:00Z"}""", EsfError.WrongType)]
    [InlineData("""{"at":"NaN"}""", EsfError.WrongType)]
    [InlineData("""{"h":"\ud800"}""", EsfError.InvalidUtf8)]
    [InlineData("""{"h":"1""", EsfError.MalformedJson)]
    [InlineData("""{"h":"\x31"}""", EsfError.MalformedJson)]
    [InlineData("""{"a":"1"}""", EsfError.WrongType)]
    [InlineData("""{"b":"1"}""", EsfError.WrongType)]
    [InlineData("""{"c":"1"}""", EsfError.WrongType)]
    [InlineData("""{"e":"1"}""", EsfError.WrongType)]
    [InlineData("""{"f":"1"}""", EsfError.WrongType)]
    [InlineData("""{"g":"1"}""", EsfError.WrongType)]
    [InlineData("""{"i":"1"}""", EsfError.WrongType)]
    [InlineData("""{"j":"1"}""", EsfError.WrongType)]
    [InlineData("""{"numbers":["1"]}""", EsfError.WrongType)]
    [InlineData("""{"counts":{"7":"-1"}}""", EsfError.OutOfRange)]
    [InlineData("""{"flag":1}""", EsfError.WrongType)]
    [InlineData("""{"flag":tru}""", EsfError.MalformedJson)]
    [InlineData("""{"short_text":"äöü"}""", EsfError.TooLong)]
    [InlineData("""{"numbers":[1,2,}""", EsfError.MalformedJson)]
    [InlineData("""{"numbers":[1 2]}""", EsfError.MalformedJson)]
    [InlineData("""{"numbers":[null]}""", EsfError.NullValue)]
    [InlineData("""{"grid":[[1],2]}""", EsfError.WrongType)]
    [InlineData("""{"counts":{"70000":1}}""", EsfError.InvalidKey)]
    [InlineData("""{"counts":{"7":1,"07":2}}""", EsfError.DuplicateKey)]
    [InlineData("""{"states":{"Ajar":[]}}""", EsfError.InvalidKey)]
    [InlineData("""{"states":{"Open":["long"]}}""", EsfError.TooLong)]
    public void TryEncode_names_the_error_of_an_invalid_value(string json, EsfError expected)
    {
        Assert.Equal(expected, Schemas.TryEncode(Schemas.Everything, json).Error);
    }

    [Fact]
    public void Status_describes_the_error_its_field_and_its_byte()
    {
        string json = Good + ",\"colour\":\"red\"}";
        EsfStatus status = Schemas.TryEncode(Schemas.Telemetry, json);
        Assert.Equal("the schema has no field 'colour' (at byte 59)", status.Describe(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(
            "field 'location.longitude': required but missing (at byte 84)",
            Schemas.TryEncode(Schemas.Telemetry, Good + ",\"location\":{\"latitude\":1}}").ToString());
    }

    [Fact]
    public void TryEncode_rejects_text_that_is_not_UTF8()
    {
        byte[] json = Encoding.Latin1.GetBytes(Good + ",\"unit\":\"°C\"}");
        EsfStatus status = EsfJson.TryEncode(Schemas.Telemetry, json, new byte[1024], out int length);
        Assert.Equal((EsfError.InvalidUtf8, "unit", 0), (status.Error, status.Field, length));
    }

    [Fact]
    public void TryEncode_reports_every_shorter_destination_as_too_small()
    {
        byte[] json = Encoding.UTF8.GetBytes(Good + ""","unit":"\u00b0C","location":{"latitude":1,"longitude":2},"metadata":{"a":"b"}}""");
        byte[] destination = new byte[1024];
        Assert.True(EsfJson.TryEncode(Schemas.Telemetry, json, destination, out int length).IsOk);
        for (int shorter = 0; shorter < length; shorter++)
        {
            EsfStatus status = EsfJson.TryEncode(Schemas.Telemetry, json, destination.AsSpan(0, shorter), out _);
            Assert.True(status.IsDestinationTooSmall, $"{shorter}: {status}");
        }

        Assert.True(EsfJson.TryEncode(Schemas.Telemetry, json, destination.AsSpan(0, length), out _).IsOk);
    }

    [Fact]
    public void TryEncode_finds_a_duplicate_key_in_a_large_map()
    {
        string entries = string.Join(",", Enumerable.Range(0, 1000).Select(i => $"\"key{i}\":\"v\""));
        Assert.True(Schemas.TryEncode(Schemas.Telemetry, Good + ",\"metadata\":{" + entries + "}}").IsOk);
        Assert.Equal(
            EsfError.DuplicateKey,
            Schemas.TryEncode(Schemas.Telemetry, Good + ",\"metadata\":{" + entries + ",\"key0\":\"\"}}").Error);
    }
}
