using System.Text;
using System.Text.Json;
using Estream.Esf.Tests.Golden;
using Estream.Testing;

namespace Estream.Esf.Tests;

/// <summary>
/// Committed messages: schema, JSON and bytes. A reader in any language can be held to them; here they hold the format
/// still, since bytes that queues already store must read for ever.
/// </summary>
public sealed class GoldenVectorTests
{
    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Names()
    {
        TheoryData<string> names = [];
        foreach (string path in Directory.GetFiles(GoldenFile.PathOf("Vectors"), "*.json").Order(StringComparer.Ordinal))
        {
            names.Add(Path.GetFileNameWithoutExtension(path));
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_and_json_of_a_vector_are_each_others(string name)
    {
        string path = GoldenFile.PathOf("Vectors", name + ".json");
        Vector vector = JsonSerializer.Deserialize<Vector>(File.ReadAllText(path), JsonSerializerOptions.Web)!;
        EsfSchema schema = EsfSchema.FromCanonicalText(vector.Schema);
        byte[] message = Schemas.Encode(schema, vector.Json);
        Assert.Equal(vector.Json, Schemas.Print(schema, message));
        Vector actual = vector with { SchemaId = schema.Id.ToString("x16"), Bytes = Convert.ToHexStringLower(message) };
        GoldenFile.AssertSame(path, JsonSerializer.Serialize(actual, s_indented).Replace("\r", "", StringComparison.Ordinal) + "\n");
        Assert.Equal(vector.Json, Schemas.Print(schema, Convert.FromHexString(actual.Bytes)));
    }

    [Fact]
    public void Every_schema_of_the_packs_has_a_vector()
    {
        HashSet<string> held = [.. Directory.GetFiles(GoldenFile.PathOf("Vectors"), "*.json")
            .Select(path => JsonSerializer.Deserialize<Vector>(File.ReadAllText(path), JsonSerializerOptions.Web)!.Schema)];
        EsfSchemaSet packs = EsfSchemaSet.Load(Directory.GetDirectories(RepositoryRoot.Combine("schemas"))
            .SelectMany(pack => Directory.GetFiles(Path.Combine(pack, "schemas"), "*.esf.yaml")));
        Assert.Empty(EsfSchemaSet.BuiltIn.With(packs).Schemas.Select(s => s.Definition.CanonicalText).Except(held));
    }

    private sealed record Vector(string Schema, string SchemaId, string Json, string Bytes);
}
