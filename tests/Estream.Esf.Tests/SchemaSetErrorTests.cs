using System.Reflection;
using Estream.Esf.Schema;
using Estream.Esf.Tests.Golden;
using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>The errors that <see cref="EsfSchemaSet"/> itself reports for schemas that are valid individually. The golden file contains the
/// input and the message.</summary>
public sealed class SchemaSetErrorTests
{
    private static readonly string s_path = GoldenFile.PathOf("Golden", "schema-set-errors.txt");

    [Fact]
    public void Every_schema_set_error_has_its_message() => GoldenCases.AssertSame(s_path, (name, input) => [MessageOf(name, input)]);

    [Fact]
    public void Every_schema_set_message_has_a_golden_case()
    {
        string code = File.ReadAllText(RepositoryRoot.Combine("src", "Estream.Esf", "EsfSchemaSet.cs"));
        Assert.Equal(GoldenCases.Read(s_path).Count(), code.Split("throw new EsfSchemaException(").Length - 1);
    }

    private static string MessageOf(string name, string input) => name switch
    {
        "same-id-by-chance" =>
            Assert.Throws<EsfSchemaException>(() => OfOneId(input.Split('\n', StringSplitOptions.RemoveEmptyEntries))).Message,
        "a-file-that-is-not-there" => Assert.Throws<EsfSchemaException>(() => EsfSchemaSet.Load(input.TrimEnd())).Message
            .Replace(Directory.GetCurrentDirectory(), "<HERE>", StringComparison.Ordinal),
        _ => Assert.Throws<EsfSchemaException>(() =>
            EsfSchemaSet.Parse([.. PackErrorTests.Sources(input).Select(source => new EsfSchemaFile(source.Path, source.Text))])).Message,
    };

    /// <summary>Returns a set with two schemas of the same id. Two schemas with the same 64-bit hash are not known, so the second schema
    /// gets the id of the first.</summary>
    private static EsfSchemaSet OfOneId(string[] canonicalTexts)
    {
        MessageSchema[] schemas = [.. canonicalTexts.Select(CanonicalSchema.Parse)];
        FieldInfo id = typeof(MessageSchema).GetField($"<{nameof(MessageSchema.Id)}>k__BackingField",
            BindingFlags.NonPublic | BindingFlags.Instance)!;
        id.SetValue(schemas[1], schemas[0].Id);
        return EsfSchemaSet.Of(new SchemaDocument("plant", schemas, []), new EsfSchemaFile("plant", ""));
    }
}
