using System.Text;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>
/// Opens damaged sealed messages by <see cref="EsfUnsealer"/>, which reads envelopes (SealEnvelope), sealed values and their content.
/// The result is a message that is valid as far as it is open, or a reason; never an exception, and never a private value that
/// was not sealed. A failure names its seed.
/// </summary>
public sealed class SealFuzzTests : IDisposable
{
    private const string Schema =
        """
        version: "1.0"
        namespace: fuzz.sealed
        schemas:
          Visit:
            fields:
              id: { type: string(16) }
              age: { type: u64, privacy: encrypted }
              name: { type: string(32), optional: true, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] } }
              home: { type: object, optional: true, privacy: encrypted, fields: { street: { type: string }, floor: { type: i16, privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] } } } }
              parts: { type: array(object), optional: true, fields: { code: { type: u32 }, finding: { type: string, optional: true, privacy: encrypted } } }
              note: { type: string, optional: true }
              card: { type: string(19), optional: true, privacy: tokenized }
        """;

    private static readonly string[] s_json =
    [
        """{"id":"a","age":1234567890123,"note":"n","card":"5555555555554444"}""",
        """{"id":"b","age":1234567890123,"name":"Musterfrau","home":{"street":"Linden","floor":-3},"parts":[{"code":1,"finding":"mild"},{"code":2},{"code":3,"finding":"murmur"}]}""",
    ];

    private readonly EsfSchema _schema = EsfSchemaSet.Parse(new EsfSchemaFile("sealed.esf.yaml", Schema)).Schemas[0];
    private readonly EsfUnsealer _unsealer;
    private readonly byte[][] _messages;

    public SealFuzzTests()
    {
        _unsealer = new EsfUnsealer(_schema, EsfSeeds.Ring, new OneCard());
        _messages = [.. s_json.Select(json => EsfSeeds.Seal(_schema, EsfSeeds.Encode(_schema, Encoding.UTF8.GetBytes(json))))];
    }

    public void Dispose() => _unsealer.Dispose();

    [Fact]
    public void A_damaged_sealed_message_is_opened_where_undamaged_or_rejected_with_a_reason()
    {
        int opened = 0;
        int refused = 0;
        for (int seed = 0; seed < LongRun.Count(20_000, 10_000_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(_messages);
            try
            {
                Examine(bytes, ref opened, ref refused);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(bytes)}", failure);
            }
        }

        Assert.True(opened > 0 && refused > 0, $"{opened} opened, {refused} refused: the damage does not produce both outcomes");
    }

    private void Examine(byte[] bytes, ref int opened, ref int refused)
    {
        EsfStatus status = _unsealer.Open(bytes, out ReadOnlySpan<byte> message, out _);
        if (!status.IsOk)
        {
            Assert.NotEmpty(status.ToString());
            Assert.True(message.IsEmpty);
            refused++;
            return;
        }

        opened++;
        Assert.True(EsfValidator.Check(_schema, message).IsOk);
        System.Buffers.ArrayBufferWriter<byte> json = new();
        Assert.True(EsfJson.WriteJson(_schema, message, json, EsfDisclosure.Disclosed).IsOk);
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(json.WrittenMemory);
        if (!EsfMessageHeader.TryRead(bytes, out EsfMessageHeader header) || !header.IsSealed)
        {
            // The damage has cleared the sealed flag of the header. A plaintext value then comes from the damage itself.
            return;
        }

        foreach ((string field, string value) in new[] { ("age", "1234567890123"), ("name", "\"Musterfrau\"") })
        {
            if (document.RootElement.TryGetProperty(field, out System.Text.Json.JsonElement found))
            {
                Assert.Contains(found.GetRawText(), new[] { value, "{\"$withheld\":true}" });
            }
        }
    }
}
