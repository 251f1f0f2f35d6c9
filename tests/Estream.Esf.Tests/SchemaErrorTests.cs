using System.Reflection;
using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Golden;

namespace Estream.Esf.Tests;

/// <summary>
/// Every mistake a schema file can hold, with the message it gets. The golden file holds both.
/// </summary>
public sealed class SchemaErrorTests
{
    private static readonly string s_path = GoldenFile.PathOf("Golden", "schema-errors.txt");

    [Fact]
    public void Every_mistake_has_its_message()
    {
        GoldenCases.AssertSame(s_path, (name, yaml) =>
        {
            SchemaReadResult result = SchemaReader.Read(yaml, name + ".esf.yaml");
            Assert.Null(result.Document);
            return result.Diagnostics;
        });
    }

    [Theory]
    [InlineData("version: \"1.0\"\nnamespace: a.b\nschemas:\n  S:\n    fields:\n      \0: text\n")]
    [InlineData("version: \"1.0\"\nnamespace: a.b\nschemas:\n  S: { fields: { a: \0 } }\n")]
    public void A_NUL_in_the_file_is_a_mistake_with_a_line(string yaml)
    {
        SchemaReadResult result = SchemaReader.Read(yaml, "nul.esf.yaml");
        Assert.Null(result.Document);
        Assert.NotEmpty(result.Diagnostics);
    }

    [Fact]
    public void Every_code_has_a_case()
    {
        IEnumerable<string> codes = typeof(DiagnosticCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);
        IEnumerable<SchemaDiagnostic> mistakes = GoldenCases.Read(s_path).SelectMany(c => SchemaReader.Read(c.Input, "x").Diagnostics);
        Assert.Empty(codes.Except(mistakes.Concat(EvolutionErrorTests.All()).Concat(PackErrorTests.All()).Select(d => d.Code)));
    }

    [Theory]
    [InlineData("schemas", 2000)]
    [InlineData("fields", 300)]
    public void More_than_a_limit_allows_is_refused(string what, int count)
    {
        StringBuilder yaml = new("version: \"1.0\"\nnamespace: a.b\nschemas:\n");
        yaml.Append(what == "fields" ? "  S:\n    fields:\n" : "");
        for (int i = 0; i < count; i++)
        {
            yaml.Append(what == "fields" ? $"      f{i}: {{ type: u8 }}\n" : $"  S{i}: {{ fields: {{ a: {{ type: u8 }} }} }}\n");
        }

        SchemaDiagnostic only = Assert.Single(SchemaReader.Read(yaml.ToString(), "x").Diagnostics);
        Assert.Equal(DiagnosticCodes.Limit, only.Code);
        Assert.Contains(what, only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_longer_than_the_limit_is_refused_unread()
    {
        string yaml = new('#', EsfLimits.MaxSchemaFileChars + 1);
        Assert.Equal(DiagnosticCodes.Limit, Assert.Single(SchemaReader.Read(yaml, "x").Diagnostics).Code);
    }
}
