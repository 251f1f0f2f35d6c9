using System.Reflection;
using System.Text;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Golden;

namespace Estream.Esf.Tests;

/// <summary>
/// Every mistake a schema file can hold, with the message it gets. The golden file holds both: cases begin with
/// <c>=== name</c>, and behind each stand the messages. Reading it is reading what an author is told.
/// </summary>
public sealed class SchemaErrorTests
{
    private const string CaseMark = "=== ";
    private const string MessageMark = "!!! ";

    private static readonly string s_path = GoldenFile.PathOf("Golden", "schema-errors.txt");

    [Fact]
    public void Every_mistake_has_its_message()
    {
        StringBuilder actual = new();
        foreach ((string name, string yaml) in Cases())
        {
            actual.Append(CaseMark).Append(name).Append('\n').Append(yaml);
            SchemaReadResult result = SchemaReader.Read(yaml, name + ".esf.yaml");
            Assert.True(result.Diagnostics.Count > 0, $"{name}: no mistake was found");
            Assert.Null(result.Document);
            foreach (SchemaDiagnostic diagnostic in result.Diagnostics)
            {
                actual.Append(MessageMark).Append(diagnostic).Append('\n');
            }
        }

        GoldenFile.AssertSame(s_path, actual.ToString());
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
        HashSet<string> seen = [.. Cases().SelectMany(c => SchemaReader.Read(c.Yaml, "x").Diagnostics).Select(d => d.Code)];
        Assert.Empty(codes.Except(seen));
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

    private static IEnumerable<(string Name, string Yaml)> Cases()
    {
        string? name = null;
        StringBuilder yaml = new();
        foreach (string line in File.ReadAllLines(s_path))
        {
            if (line.StartsWith(CaseMark, StringComparison.Ordinal))
            {
                if (name is not null)
                {
                    yield return (name, yaml.ToString());
                }

                name = line[CaseMark.Length..];
                yaml.Clear();
            }
            else if (!line.StartsWith(MessageMark, StringComparison.Ordinal))
            {
                yaml.Append(line).Append('\n');
            }
        }

        yield return (name!, yaml.ToString());
    }
}
