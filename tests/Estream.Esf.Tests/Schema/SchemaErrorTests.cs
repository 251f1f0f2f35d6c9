using System.Reflection;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Golden;

namespace Estream.Esf.Tests;

/// <summary>
/// Every error that a schema file can have, with its message. The golden file contains both; <c>&lt;NUL&gt;</c> in it is a NUL character.
/// </summary>
public sealed class SchemaErrorTests
{
    private static readonly string s_path = GoldenFile.PathOf("Golden", "schema-errors.txt");

    [Fact]
    public void Every_schema_error_has_its_message() => GoldenCases.AssertSame(s_path, Mistakes);

    [Fact]
    public void Every_diagnostic_code_has_a_golden_case()
    {
        IEnumerable<string> codes = typeof(DiagnosticCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Empty(codes.Except(All().Concat(EvolutionErrorTests.All()).Concat(PackErrorTests.All()).Select(d => d.Code)));
    }

    [Fact]
    public void At_most_a_hundred_errors_of_a_file_are_listed_and_the_others_are_counted()
    {
        string fields = string.Concat(Enumerable.Range(0, 150).Select(i => $"      field_{i}: {{ type: nonsense }}\n"));

        IReadOnlyList<SchemaDiagnostic> errors =
            Mistakes("many", "version: \"1.0\"\nnamespace: plant.many\nschemas:\n  Many:\n    fields:\n" + fields);

        Assert.Equal(101, errors.Count);
        Assert.Matches("^\\.\\.\\. and [0-9]+ more$", errors[^1].Message);
    }

    /// <summary>The diagnostics of all cases.</summary>
    internal static IEnumerable<SchemaDiagnostic> All() => GoldenCases.Read(s_path).SelectMany(c => Mistakes(c.Name, c.Input));

    private static IReadOnlyList<SchemaDiagnostic> Mistakes(string name, string yaml)
    {
        SchemaReadResult result = SchemaReader.Read(yaml.Replace("<NUL>", "\0", StringComparison.Ordinal), name + ".esf.yaml");
        Assert.Null(result.Document);
        return result.Diagnostics;
    }
}
