using System.Text;
using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>A schema that extends another schema has the fields of the base schema first, and is otherwise a normal schema.</summary>
public sealed class ExtendsTests
{
    private const string Head = "version: \"1.0\"\nnamespace: acme.doors\n";

    private const string Pack = Head
        + "schemas: { Door: { fields: { state: { type: State }, at: { type: Place } } } }\nobjects: { Place: { fields: { x: { type: u8 } "
        + "} } }\nenums: { State: { values: [Open] } }\n";

    [Fact]
    public void Base_fields_come_first_in_any_file_order()
    {
        const string Yaml = Head + """
            schemas:
              Rated: { extends: Placed, fields: { stars: { type: u8, optional: true } } }
              Placed: { extends: Reading, path: "/floors/{floor}/{door}", fields: { floor: { type: i16 } } }
              Reading: { description: "A reading", lattice: acme.reading, fields: { door: { type: string(8) }, value: { type: f64, optional: true } } }
            """;
        SchemaDocument document = Read(Yaml);
        Assert.Equal(["Rated", "Placed", "Reading"], document.Schemas.Select(schema => schema.Name));
        Assert.Equal("esf1 acme.doors.Rated{door:string(8),value?:f64,floor:i16,stars?:u8}", document.Schemas[0].CanonicalText);
        Assert.Same(document.Schemas[1], document.Schemas[0].Extended);
        Assert.Same(document.Schemas[2], document.Schemas[1].Extended);
        Assert.Null(document.Schemas[2].Extended);

        // The traits of a schema are not inherited from its base.
        Assert.Equal((null, null), (document.Schemas[1].Traits.Description, document.Schemas[1].Traits.Lattice));
        Assert.Equal("/floors/{floor}/{door}", document.Schemas[1].Traits.Path);
    }

    [Fact]
    public void Schema_can_extend_a_pack_schema_and_imports_its_enums()
    {
        EsfSchemaSet set = EsfSchemaSet.Parse(
            new EsfSchemaFile("doors/estream-component.toml",
                "[component]\nname = \"doors\"\nversion = \"1.0.0\"\n[component.schemas]\nprovides = [\"Door\"]\n"),
            new EsfSchemaFile("doors/doors.esf.yaml", Pack),
            new EsfSchemaFile("mine.esf.yaml",
                "version: \"1.0\"\nnamespace: acme.floors\nimports: [{ pack: doors, version: \"^1\" }]\nschemas: { Placed: { extends: "
                + "doors.Door, fields: { floor: { type: i16 } } } }\n"));
        Assert.True(set.TryGet("acme.floors.Placed", out EsfSchema? placed));
        Assert.Equal("esf1 acme.floors.Placed{state:enum State{Open},at:object{x:u8},floor:i16}", placed.Definition.CanonicalText);
        Assert.Equal("acme.doors.Door", placed.Definition.Extended?.QualifiedName);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_rejects_an_extends_chain_longer_than_the_limit(bool isBaseFirst)
    {
        for (int extended = EsfLimits.MaxExtended; extended <= EsfLimits.MaxExtended + 1; extended++)
        {
            IEnumerable<string> lines = Enumerable.Range(0, extended + 1)
                .Select(i => $"  S{i}: {{ {(i == 0 ? "" : $"extends: S{i - 1}, ")}fields: {{ f{i}: {{ type: u8 }} }} }}\n");
            StringBuilder yaml = new StringBuilder(Head).Append("schemas:\n").AppendJoin("", isBaseFirst ? lines : lines.Reverse());
            SchemaReadResult result = SchemaReader.Read(yaml.ToString(), "x");
            Assert.Equal(extended <= EsfLimits.MaxExtended ? [] : [DiagnosticCodes.Limit],
                result.Diagnostics.Select(mistake => mistake.Code));
        }
    }

    [Fact]
    public void Base_fields_count_towards_the_field_limit()
    {
        string fields = string.Join(", ", Enumerable.Range(0, EsfLimits.MaxFields).Select(i => $"f{i}: {{ type: u8 }}"));
        SchemaReadResult result = SchemaReader.Read(Head
            + $"schemas:\n  A: {{ fields: {{ {fields} }} }}\n  B: {{ extends: A, fields: {{ more: {{ type: u8 }} }} }}\n", "x");
        Assert.Equal(DiagnosticCodes.Limit, Assert.Single(result.Diagnostics).Code);
    }

    private static SchemaDocument Read(string yaml)
    {
        SchemaReadResult result = SchemaReader.Read(yaml, "x");
        Assert.Empty(result.Diagnostics);
        return result.Document!;
    }
}
