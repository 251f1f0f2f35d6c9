using System.Text;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>
/// Passes damaged sealed messages to <see cref="EsfSubLex.Split"/> and <see cref="EsfAudienceFilter"/>, which read them without a key.
/// The result is a part that may be stored, or a reason; never an exception. A failure names its seed.
/// </summary>
public sealed class SubLexFuzzTests
{
    private const string Schema =
        """
        version: "1.0"
        namespace: fuzz.parts
        schemas:
          Visit:
            fields:
              id: { type: string(16) }
              name: { type: string(32), privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }] } }
              finding: { type: string, optional: true, privacy: { default_level: encrypted, sublex: clinical } }
              home: { type: object, optional: true, privacy: { default_level: encrypted, sublex: private }, fields: { street: { type: string }, floor: { type: i16, privacy: encrypted } } }
              parts: { type: "map(string, array(object))", optional: true, fields: { code: { type: u32 }, drug: { type: string, optional: true, privacy: { default_level: encrypted, sublex: clinical } } } }
              card: { type: string(19), optional: true, privacy: tokenized }
        """;

    private static readonly string[] s_json =
    [
        """{"id":"a","name":"Musterfrau"}""",
        """{"id":"b","name":"Musterfrau","finding":"murmur","home":{"street":"Linden","floor":-3},"parts":{"x":[{"code":1,"drug":"digoxin"},{"code":2}],"y":[]}}""",
        """{"id":"c","name":"Musterfrau","parts":{"x":[{"code":1,"drug":"digoxin"}]},"card":"5555555555554444"}""",
    ];

    private readonly EsfSchema _schema = EsfSchemaSet.Parse(new EsfSchemaFile("parts.esf.yaml", Schema)).Schemas[0];
    private readonly EsfAudienceFilter _owner;
    private readonly byte[][] _messages;

    public SubLexFuzzTests()
    {
        _owner = new EsfAudienceFilter(_schema, "owner");
        _messages = [.. s_json.Select(json => EsfSeeds.Seal(_schema, EsfSeeds.Encode(_schema, Encoding.UTF8.GetBytes(json))))];
    }

    [Fact]
    public void A_damaged_message_splits_into_storable_parts_or_is_rejected_with_a_reason()
    {
        int split = 0;
        int refused = 0;
        for (int seed = 0; seed < LongRun.Count(20_000, 10_000_000); seed++)
        {
            byte[] bytes = new Bytes(seed).Damaged(_messages);
            try
            {
                foreach (string? part in new[] { null, "clinical", "private" })
                {
                    _ = Examine(bytes, part) ? split++ : refused++;
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(bytes)}", failure);
            }
        }

        Assert.True(split > 0 && refused > 0, $"{split} split, {refused} refused: the damage does not produce both outcomes");
    }

    private bool Examine(byte[] bytes, string? subLex)
    {
        byte[] part = new byte[bytes.Length];
        EsfStatus status = EsfSubLex.Split(_schema, bytes, subLex, part, out int length);
        Assert.Equal(EsfValidator.CheckStored(_schema, bytes).IsOk, _owner.Check(bytes, out _).IsOk);
        if (!status.IsOk)
        {
            Assert.NotEmpty(status.ToString());
            Assert.Equal(0, length);
            return false;
        }

        if (length > 0)
        {
            status = EsfValidator.CheckStored(_schema, part.AsSpan(0, length));
            Assert.True(status.IsOk, status.ToString());
        }

        return true;
    }
}
