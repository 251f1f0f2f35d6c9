using System.Text;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Testing;

namespace Estream.Fuzz.Esf;

/// <summary>
/// Parses damaged canonical texts with audiences, sub-lexes and tokens by <see cref="CanonicalSchema.Parse"/>: the result is a schema whose
/// canonical text equals the input, or a <see cref="FormatException"/>. A failure names its seed.
/// </summary>
public sealed class CanonicalFuzzTests
{
    private const string Private =
        """
        version: "1.0"
        namespace: fuzz.canonical
        schemas:
          Visit:
            fields:
              id: { type: string(16) }
              name: { type: string(32), privacy: { default_level: encrypted, audiences: [{ audience: owner, level: public }, { audience: auditor, level: encrypted }] } }
              finding: { type: string, optional: true, privacy: { default_level: encrypted, sublex: clinical } }
              bill: { type: u32, optional: true, privacy: { profile: gdpr, sublex: bills } }
              card: { type: string(19), optional: true, privacy: tokenized }
              beds: { type: "map(u8, array(object))", optional: true, fields: { ward: { type: Ward }, card: { type: string, optional: true, privacy: tokenized }, drug: { type: string, privacy: encrypted } } }
        enums:
          Ward: { values: [North, South] }
        """;

    [Fact]
    public void A_damaged_canonical_text_parses_to_an_equal_schema_or_is_rejected()
    {
        byte[][] seeds = [.. EsfSchemaSet.Parse(new EsfSchemaFile("private.esf.yaml", Private)).Schemas.Concat(EsfSchemaSet.BuiltIn.Schemas)
            .Append(EsfSeeds.Schema).Select(schema => Encoding.UTF8.GetBytes(schema.Definition.CanonicalText))];
        int read = 0;
        int refused = 0;
        for (int seed = 0; seed < LongRun.Count(50_000, 5_000_000); seed++)
        {
            string text = Encoding.UTF8.GetString(new Bytes(seed).Damaged(seeds));
            try
            {
                Assert.Equal(text, CanonicalSchema.Parse(text).CanonicalText);
                read++;
            }
            catch (FormatException)
            {
                refused++;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {text}", failure);
            }
        }

        Assert.True(read > 0 && refused > 0, $"{read} read, {refused} refused: the damage does not produce both outcomes");
    }
}
