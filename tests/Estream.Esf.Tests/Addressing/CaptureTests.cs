using System.Text;

namespace Estream.Esf.Tests;

/// <summary>Values captured from the topic: with the topic devices/pump-7/telemetry, the body need not repeat pump-7.</summary>
public sealed class CaptureTests
{
    private const string Topic = "devices/pump-7/telemetry";
    private const string Body = "\"timestamp\":1,\"metric_name\":\"m\",\"value\":1}";

    [Theory]
    [InlineData("{" + Body)]
    [InlineData("{\"device_id\":\"pump-7\"," + Body)]
    [InlineData("{\"device_id\":\"pump\\u002d7\"," + Body)]
    public void TryEncode_takes_a_field_from_the_topic(string json)
    {
        EsfStatus status = Encode(Schemas.Telemetry, json, "device_id", Topic, "pump-7", out byte[] message);
        Assert.True(status.IsOk, status.ToString());
        Assert.Equal("""{"device_id":"pump-7","timestamp":1,"metric_name":"m","value":1}""", Schemas.Print(Schemas.Telemetry, message));
    }

    [Fact]
    public void TryEncode_rejects_a_body_that_contradicts_the_topic()
    {
        EsfStatus status = Encode(Schemas.Telemetry, "{\"device_id\":\"pump-8\"," + Body, "device_id", Topic, "pump-7", out _);
        Assert.Equal((EsfError.CaptureMismatch, "device_id"), (status.Error, status.Field));
    }

    [Theory]
    [InlineData("u16", "7", "7")]
    [InlineData("i64", "-7", "-7")]
    [InlineData("bool", "true", "true")]
    [InlineData("DoorState", "Closed", "\"Closed\"")]
    [InlineData("string(3)", "a+b", "\"a+b\"")]
    public void Any_type_with_a_text_form_can_be_captured(string type, string text, string json)
    {
        EsfSchema schema = Schemas.One($"Captured: {{ fields: {{ v: {{ type: {type}, optional: true }}, w: {{ type: u8 }} }} }}");
        Assert.True(Encode(schema, "{\"w\":1}", "v", text, text, out byte[] message).IsOk);
        Assert.Equal("{\"v\":" + json + ",\"w\":1}", Schemas.Print(schema, message));
        Assert.True(Encode(schema, "{\"v\":" + json + ",\"w\":1}", "v", text, text, out _).IsOk);
    }

    [Theory]
    [InlineData("u16", "seven", EsfError.InvalidCapture)]
    [InlineData("u16", "70000", EsfError.InvalidCapture)]
    [InlineData("DoorState", "Ajar", EsfError.InvalidCapture)]
    [InlineData("string(3)", "abcd", EsfError.TooLong)]
    public void TryEncode_rejects_a_capture_that_is_not_a_valid_value(string type, string text, EsfError expected)
    {
        EsfSchema schema = Schemas.One($"Captured: {{ fields: {{ v: {{ type: {type} }} }} }}");
        EsfStatus status = Encode(schema, "{}", "v", text, text, out _);
        Assert.Equal((expected, "v"), (status.Error, status.Field));
    }

    [Fact]
    public void TryEncode_throws_for_a_capture_of_another_schema_or_without_a_text_form()
    {
        EsfSchema other = Schemas.One("Captured: { fields: { v: { type: f64 } } }");
        Assert.Throws<ArgumentException>(() => Encode(other, "{}", "v", "1", "1", out _));
        Assert.True(Schemas.Telemetry.TryGetField("device_id", out EsfField? field));
        Assert.Throws<ArgumentException>(() =>
            EsfJson.TryEncode(other, "{}"u8, "1"u8, [new FieldCapture(field!, 0, 1)], new byte[99], out _));
    }

    private static EsfStatus Encode(EsfSchema schema, string json, string fieldName, string text, string part, out byte[] message)
    {
        Assert.True(schema.TryGetField(fieldName, out EsfField? field));
        byte[] destination = new byte[1024];
        FieldCapture capture = new(field!, text.IndexOf(part, StringComparison.Ordinal), part.Length);
        EsfStatus status = EsfJson.TryEncode(
            schema, Encoding.UTF8.GetBytes(json), Encoding.UTF8.GetBytes(text), [capture], destination, out int length);
        message = destination[..length];
        return status;
    }
}
