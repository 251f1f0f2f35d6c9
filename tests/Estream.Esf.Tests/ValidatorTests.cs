using System.Buffers.Binary;
using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>Each validity rule of the format, violated by hand in a valid message.</summary>
public sealed class ValidatorTests
{
    private const string Json =
        """{"device_id":"pump-7","timestamp":1,"metric_name":"m","value":1,"unit":"C","location":{"latitude":1,"longitude":2},"metadata":{"a":"1","b":"2"}}""";

    private static readonly byte[] s_good = Schemas.Encode(Schemas.Telemetry, Json);

    [Fact]
    public void Check_accepts_a_valid_message()
    {
        Assert.True(EsfValidator.Check(Schemas.Telemetry, s_good).IsOk);
    }

    [Fact]
    public void Check_rejects_a_message_truncated_at_any_byte()
    {
        for (int length = 0; length < s_good.Length; length++)
        {
            Assert.False(EsfValidator.Check(Schemas.Telemetry, s_good.AsSpan(0, length)).IsOk, $"{length} bytes");
        }
    }

    [Theory]
    [InlineData(8, 0xff, EsfError.UnsupportedFormat, null)]
    [InlineData(12, 0xff, EsfError.UnsupportedFormat, null)]
    [InlineData(14, 2, EsfError.UnsupportedFormat, null)]
    [InlineData(15, 1, EsfError.UnsupportedFormat, null)]
    [InlineData(16, 0, EsfError.BadReference, "device_id")]
    [InlineData(16, 73, EsfError.BadReference, "device_id")]
    [InlineData(19, 0x80, EsfError.BadReference, "device_id")]
    [InlineData(23, 0x80, EsfError.BadReference, "device_id")]
    [InlineData(20, 0xff, EsfError.BadReference, "device_id")]
    [InlineData(74, 0xff, EsfError.InvalidUtf8, "device_id")]
    [InlineData(58, 75, EsfError.UnsupportedFormat, "location")]
    [InlineData(62, 26, EsfError.Truncated, "location")]
    [InlineData(70, 3, EsfError.BadSequence, "metadata")]
    public void Check_finds_a_changed_byte(int at, byte value, EsfError expected, string? field)
    {
        byte[] bad = [.. s_good];
        bad[at] = value;
        EsfStatus status = EsfValidator.Check(Schemas.Telemetry, bad);
        Assert.Equal((expected, field), (status.Error, status.Field));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(100)]
    public void An_empty_map_key_is_valid_and_a_duplicate_empty_key_is_rejected(int entries)
    {
        string others = string.Concat(Enumerable.Range(0, entries - 1).Select(i => $",\"k{i}\":\"v\""));
        byte[] once = Schemas.Encode(Schemas.Telemetry,
            Json.Replace(",\"b\":\"2\"", others, StringComparison.Ordinal).Replace("\"a\":\"1\"", "\"\":\"1\"", StringComparison.Ordinal));
        Assert.True(EsfValidator.Check(Schemas.Telemetry, once).IsOk);

        string twice = Json.Replace(",\"b\":\"2\"", others, StringComparison.Ordinal)
            .Replace("\"a\":\"1\"", "\"\":\"1\",\"\":\"2\"", StringComparison.Ordinal);
        EsfStatus status = EsfJson.TryEncode(Schemas.Telemetry, Encoding.UTF8.GetBytes(twice), new byte[8192], out _);
        Assert.Equal((EsfError.DuplicateKey, "metadata"), (status.Error, status.Field));
    }

    [Fact]
    public void Check_rejects_a_message_of_another_schema_name()
    {
        byte[] other = [.. s_good];
        other[0] ^= 1;
        other[8] ^= 1;
        Assert.Equal(EsfError.WrongSchema, EsfValidator.Check(Schemas.Telemetry, other).Error);
    }

    [Fact]
    public void Check_reports_a_zero_reference_of_a_required_field_as_missing()
    {
        byte[] bad = [.. s_good];
        bad.AsSpan(16, 8).Clear();
        EsfStatus status = EsfValidator.Check(Schemas.Telemetry, bad);
        Assert.Equal((EsfError.MissingField, "device_id"), (status.Error, status.Field));
    }

    [Theory]
    [InlineData(0, 3, EsfError.BadSequence)]
    [InlineData(0, 1, EsfError.BadSequence)]
    [InlineData(3, 0x80, EsfError.BadSequence)]
    [InlineData(4, 200, EsfError.BadSequence)]
    [InlineData(7, 0x80, EsfError.BadSequence)]
    [InlineData(8, (byte)'b', EsfError.DuplicateKey)]
    public void Check_finds_a_damaged_map(int offset, byte value, EsfError expected)
    {
        byte[] bad = [.. s_good];
        int map = BinaryPrimitives.ReadInt32LittleEndian(bad.AsSpan(66));
        bad[map + offset] = value;
        EsfStatus status = EsfValidator.Check(Schemas.Telemetry, bad);
        Assert.Equal((expected, "metadata"), (status.Error, status.Field));
    }

    [Fact]
    public void Check_rejects_fields_that_share_bytes()
    {
        EsfSchema schema = Schemas.One("S: { fields: { a: { type: bytes }, b: { type: bytes } } }");
        byte[] message = Schemas.Encode(schema, """{"a":"00112233","b":""}""");
        message.AsSpan(16, 8).CopyTo(message.AsSpan(24, 8));
        EsfStatus status = EsfValidator.Check(schema, message);
        Assert.Equal((EsfError.BadReference, "b"), (status.Error, status.Field));
    }

    [Theory]
    [InlineData("bool", "true", 16, 2, EsfError.BadBool)]
    [InlineData("DoorState", "\"Open\"", 16, 3, EsfError.UnknownEnumValue)]
    [InlineData("DoorState", "\"Open\"", 17, 1, EsfError.UnknownEnumValue)]
    [InlineData("array(bool)", "[true]", 28, 2, EsfError.BadBool)]
    [InlineData("map(DoorState, bool)", "{\"Open\":true}", 28, 7, EsfError.UnknownEnumValue)]
    public void Check_finds_an_invalid_bool_or_enum_value(string type, string json, int at, byte value, EsfError expected)
    {
        EsfSchema schema = Schemas.One($"S: {{ fields: {{ v: {{ type: \"{type}\" }} }} }}");
        byte[] message = Schemas.Encode(schema, "{\"v\":" + json + "}");
        message[at] = value;
        Assert.Equal(expected, EsfValidator.Check(schema, message).Error);
    }

    [Fact]
    public void Check_finds_text_longer_than_its_limit()
    {
        EsfSchema wide = Schemas.One("S: { fields: { v: { type: string(9) } } }");
        EsfSchema narrow = Schemas.One("S: { fields: { v: { type: string(8) } } }");
        byte[] message = Schemas.Encode(wide, """{"v":"123456789"}""");
        BinaryPrimitives.WriteUInt64LittleEndian(message, narrow.Id);
        Assert.Equal(EsfError.TooLong, EsfValidator.Check(narrow, message).Error);
    }

    [Fact]
    public void Check_rejects_a_message_longer_than_the_limit()
    {
        byte[] message = new byte[EsfLimits.MaxMessageBytes + 1];
        s_good.CopyTo(message, 0);
        Assert.Equal(EsfError.MessageTooLong, EsfValidator.Check(Schemas.Telemetry, message).Error);
    }
}
