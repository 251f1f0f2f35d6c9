using System.Buffers;
using Estream.Esf.Expressions;
using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>After warm-up, no operation on a message allocates: encoding JSON, checking, reading fields, writing JSON, and rejecting
/// invalid input.</summary>
public sealed class AllocationTests
{
    private static readonly byte[] s_json =
        """{"device_id":"pump-7","timestamp":1700000000000000000,"metric_name":"temperature","value":20.5,"unit":"\u00b0C","location":{"latitude":1.5,"longitude":2},"metadata":{"a":"b"}}"""u8.ToArray();

    private readonly byte[] _message = new byte[1024];
    private readonly int _length;

    public AllocationTests() => Assert.True(EsfJson.TryEncode(Schemas.Telemetry, s_json, _message, out _length).IsOk);

    [Fact]
    public void Encoding_json_allocates_nothing()
    {
        AssertNothingAllocated(() => Assert.True(EsfJson.TryEncode(Schemas.Telemetry, s_json, _message, out _).IsOk));
    }

    [Fact]
    public void Rejecting_json_allocates_nothing()
    {
        byte[] bad = [.. s_json.AsSpan(0, s_json.Length - 1), (byte)','];
        AssertNothingAllocated(() => Assert.False(EsfJson.TryEncode(Schemas.Telemetry, bad, _message, out _).IsOk));
    }

    [Fact]
    public void Checking_a_message_allocates_nothing()
    {
        AssertNothingAllocated(() => Assert.True(EsfValidator.Check(Schemas.Telemetry, _message.AsSpan(0, _length)).IsOk));
    }

    [Fact]
    public void Reading_a_field_allocates_nothing()
    {
        Assert.True(Schemas.Telemetry.TryGetField("device_id", out EsfField? device));
        Assert.True(Schemas.Telemetry.TryGetField("value", out EsfField? value));
        byte[] text = new byte[64];
        AssertNothingAllocated(() => Assert.True(
            device!.TryGetBytes(_message, out _) && value!.TryGetDouble(_message, out _) && device.TryFormat(_message, text, out _)));
    }

    [Fact]
    public void Evaluating_an_expression_allocates_nothing()
    {
        EsfExpression expression = EsfExpression.Compile(
            "value * 2 > 30.0 and startsWith(device_id, 'pump') and location.latitude ?? 0.0 < 90 and metric_name in ['temperature', "
            + "'humidity'] and timestamp % 7 < 9", Schemas.Telemetry);
        AssertNothingAllocated(() => Assert.True(expression.IsTrue(_message.AsSpan(0, _length))));
    }

    [Fact]
    public void Writing_json_allocates_nothing()
    {
        ArrayBufferWriter<byte> buffer = new(4096);
        AssertNothingAllocated(() =>
        {
            buffer.ResetWrittenCount();
            Assert.True(EsfJson.WriteJson(Schemas.Telemetry, _message.AsSpan(0, _length), buffer).IsOk);
        });
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Reading_a_message_of_another_version_allocates_nothing(int writtenBy, int readBy)
    {
        EsfSchema reader = Schemas.Doors[readBy];
        byte[] message = Schemas.Encode(Schemas.Doors[writtenBy], Schemas.DoorsJson[writtenBy]);
        EsfSchemaSet set = EsfSchemaSet.BuiltIn.With(EsfSchemaSet.Parse(new EsfSchemaFile("doors.esf.yaml", Schemas.DoorsText[readBy])));
        Assert.True(reader.TryGetField("state", out EsfField? state));
        byte[] text = new byte[64];
        ArrayBufferWriter<byte> buffer = new(4096);
        AssertNothingAllocated(() =>
        {
            buffer.ResetWrittenCount();
            Assert.True(set.TryGet(message, out EsfSchema? found) && found.Id == reader.Id && reader.Matches(message));
            Assert.True(EsfValidator.Check(reader, message).IsOk && state.TryFormat(message, text, out _));
            Assert.True(EsfJson.WriteJson(reader, message, buffer).IsOk);
        });
    }

    internal static void AssertNothingAllocated(Action action) => Assert.Equal(0, AllocationMeter.OnThisThread(1000, action));
}
