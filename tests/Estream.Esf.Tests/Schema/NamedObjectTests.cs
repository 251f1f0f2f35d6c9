using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>Named objects under <c>objects</c>: using one is equivalent to writing its fields inline.</summary>
public sealed class NamedObjectTests
{
    private const string Head = "version: \"1.0\"\nnamespace: test.objects\n";

    [Fact]
    public void Read_rejects_exponential_object_uses_without_expanding_them()
    {
        StringBuilder yaml = new(Head + "schemas:\n  S: { fields: { a: { type: O0 } } }\nobjects:\n");
        for (int level = 0; level < 6; level++)
        {
            yaml.Append($"  O{level}: {{ fields: {{ ");
            yaml.AppendJoin(", ", Enumerable.Range(0, 200).Select(i => $"f{i}: {{ type: {(level == 5 ? "u8" : $"O{level + 1}")} }}"));
            yaml.Append(" } }\n");
        }

        SchemaDiagnostic only = Assert.Single(SchemaReader.Read(yaml.ToString(), "x").Diagnostics);
        Assert.Equal(DiagnosticCodes.Limit, only.Code);
        Assert.Contains("object 'O4', those of its objects included", only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_rejects_a_schema_with_too_many_fields_in_total()
    {
        string yaml = Head + "schemas:\n  S: { fields: { "
            + string.Join(", ", Enumerable.Range(0, 256).Select(i => $"f{i}: {{ type: Place }}"))
            + " } }\nobjects:\n  Place: { fields: { " + string.Join(", ", Enumerable.Range(0, 16).Select(i => $"g{i}: {{ type: u8 }}"))
            + " } }\n";

        SchemaDiagnostic only = Assert.Single(SchemaReader.Read(yaml, "x").Diagnostics);
        Assert.Equal(DiagnosticCodes.Limit, only.Code);
        Assert.Contains("schema 'S'", only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_object_has_the_same_canonical_text_as_inline_fields()
    {
        const string Named = """
            schemas:
              S:
                fields:
                  a: { type: Place }
                  b: { type: "map(string, array(Place))", optional: true, privacy: encrypted }
            objects:
              Place: { description: "Where", fields: { floor: { type: i16 }, door: { type: Door, optional: true } } }
              Door: { fields: { state: { type: State } } }
            enums:
              State: { values: [Open, Closed] }
            """;
        const string WrittenOut = """
            schemas:
              S:
                fields:
                  a: { type: object, fields: { floor: { type: i16 }, door: { type: object, optional: true, fields: { state: { type: State } } } } }
                  b:
                    type: "map(string, array(object))"
                    optional: true
                    privacy: encrypted
                    fields: { floor: { type: i16 }, door: { type: object, optional: true, fields: { state: { type: State } } } }
            enums:
              State: { values: [Open, Closed] }
            """;
        Assert.Equal(CanonicalTextOf(WrittenOut), CanonicalTextOf(Named));
    }

    private static string CanonicalTextOf(string yaml)
    {
        SchemaReadResult result = SchemaReader.Read(Head + yaml.ReplaceLineEndings("\n"), "x");
        Assert.True(result.Document is not null, string.Join('\n', result.Diagnostics));
        return Assert.Single(result.Document.Schemas).CanonicalText;
    }
}
