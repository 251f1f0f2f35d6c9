using System.Buffers;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>
/// Feeds damaged schemas, JSON and messages to everything that reads them. The result is valid under the schema, or there is a reason;
/// never an exception, and never a read outside of the input. A failure names the seed that repeats it, and the bytes, because the bytes of
/// sealed messages differ in each run.
/// </summary>
public sealed class EsfFuzzTests
{
    private readonly byte[] _message = new byte[8_192];
    private readonly ArrayBufferWriter<byte> _json = new();

    [Fact]
    public void A_damaged_schema_is_read_or_its_errors_are_listed()
    {
        ForEachSeed(LongRun.Count(3_000, 300_000), EsfSeeds.Schemas, bytes =>
        {
            SchemaReadResult result = SchemaReader.Read(Encoding.UTF8.GetString(bytes), "fuzz.esf.yaml");
            Assert.True((result.Document is null) == (result.Diagnostics.Count > 0));
            foreach (MessageSchema schema in result.Document?.Schemas ?? [])
            {
                Assert.Equal(schema.Id, CanonicalSchema.Parse(schema.CanonicalText).Id);
            }
        });
    }

    [Fact]
    public void Damaged_JSON_encodes_to_a_valid_message_or_gives_a_reason()
    {
        ForEachSeed(LongRun.Count(100_000, 10_000_000), EsfSeeds.Json, bytes =>
        {
            EsfStatus status = EsfJson.TryEncode(EsfSeeds.Schema, bytes, _message, out int length);
            if (!status.IsOk)
            {
                Assert.Equal(0, length);
                Assert.NotEmpty(status.Describe(bytes));
                return;
            }

            Assert.True(EsfValidator.Check(EsfSeeds.Schema, _message.AsSpan(0, length)).IsOk);
            RequireSameMessage(_message[..length]);
        });
    }

    [Fact]
    public void A_damaged_message_decodes_to_JSON_or_gives_a_reason()
    {
        ForEachSeed(LongRun.Count(100_000, 10_000_000), EsfSeeds.Messages, bytes =>
        {
            ReadEveryField(bytes);
            _json.ResetWrittenCount();
            EsfStatus status = EsfJson.WriteJson(EsfSeeds.Schema, bytes, _json,
                (bytes.Length & 1) == 0 ? EsfDisclosure.Disclosed : EsfDisclosure.Redacted);
            Assert.Equal(status.IsOk, EsfValidator.Check(EsfSeeds.Schema, bytes).IsOk);
            if (status.IsOk)
            {
                using JsonDocument document = JsonDocument.Parse(_json.WrittenMemory);
                Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
                return;
            }

            Assert.Equal(0, _json.WrittenCount);
            Assert.NotEmpty(status.Describe(bytes));
        });
    }

    // Each read returns false if the damage destroyed its value; none may throw or return bytes beyond the message.
    private static void ReadEveryField(ReadOnlySpan<byte> message)
    {
        Span<byte> text = stackalloc byte[256];
        foreach (EsfField field in EsfSeeds.Schema.Fields)
        {
            if (field.TryGetBytes(message, out ReadOnlySpan<byte> value))
            {
                Assert.True(value.IsEmpty || message.Overlaps(value));
            }

            _ = field.TryGetInt64(message, out _);
            _ = field.TryGetUInt64(message, out _);
            _ = field.TryGetDouble(message, out _);
            _ = field.TryFormat(message, text, out _);
        }
    }

    private void RequireSameMessage(byte[] message)
    {
        _json.ResetWrittenCount();
        Assert.True(EsfJson.WriteJson(EsfSeeds.Schema, message, _json, EsfDisclosure.Disclosed).IsOk);
        byte[] text = _json.WrittenSpan.ToArray();
        byte[] again = new byte[_message.Length];
        EsfStatus status = EsfJson.TryEncode(EsfSeeds.Schema, text, again, out int length);
        Assert.True(status.IsOk, status.Describe(text));
        _json.ResetWrittenCount();
        Assert.True(EsfJson.WriteJson(EsfSeeds.Schema, again.AsSpan(0, length), _json, EsfDisclosure.Disclosed).IsOk);
        Assert.True(_json.WrittenSpan.SequenceEqual(text),
            $"{Encoding.UTF8.GetString(text)} became {Encoding.UTF8.GetString(_json.WrittenSpan)}");
    }

    private static void ForEachSeed(int count, IReadOnlyList<byte[]> seeds, Action<byte[]> check)
    {
        for (int seed = 0; seed < count; seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(seeds);
            try
            {
                check(bytes);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(bytes)}", failure);
            }
        }
    }
}
