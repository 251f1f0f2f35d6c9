using System.Text;
using System.Text.Json;
using Estream.Esf.Internal;
using Estream.Esf.Tests.Generation;
using Estream.Esf.Tests.Golden;
using Estream.Esf.Tests.Sealing;

namespace Estream.Esf.Tests;

/// <summary>
/// Tests with committed messages: schema, JSON and bytes. Readers in any language can be tested with these messages. Here they keep the
/// format stable, because bytes stored in queues must stay readable forever.
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
    public void Golden_vector_encodes_to_its_bytes_and_prints_its_json(string name)
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
    public void Every_pack_schema_has_a_golden_vector()
    {
        HashSet<string> held = [.. Directory.GetFiles(GoldenFile.PathOf("Vectors"), "*.json")
            .Select(path => JsonSerializer.Deserialize<Vector>(File.ReadAllText(path), JsonSerializerOptions.Web)!.Schema)];
        Assert.Empty(Schemas.All.Schemas.Select(s => s.Definition.CanonicalText).Except(held));
    }

    [Fact]
    public void Every_pack_schema_with_private_fields_has_a_sealed_vector()
    {
        HashSet<string> held = [.. Directory.GetFiles(GoldenFile.PathOf("Vectors", "Sealed"), "*.json")
            .Select(path => JsonSerializer.Deserialize<SealedVector>(File.ReadAllText(path), JsonSerializerOptions.Web)!)
            .Where(vector => vector.Readers[""].Contains(Redaction.Withheld, StringComparison.Ordinal))
            .Select(vector => vector.Schema)];
        Assert.Empty(Schemas.All.Schemas.Where(s => s.HasPrivateFields).Select(s => s.Definition.CanonicalText).Except(held));
    }

    public static TheoryData<string> SealedNames() =>
        [.. Directory.GetFiles(GoldenFile.PathOf("Vectors", "Sealed"), "*.json").Order(StringComparer.Ordinal)
            .Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory]
    [MemberData(nameof(SealedNames))]
    public void Sealed_vector_is_reproduced_from_its_keys_and_seeds(string name)
    {
        string path = GoldenFile.PathOf("Vectors", "Sealed", name + ".json");
        SealedVector vector = JsonSerializer.Deserialize<SealedVector>(File.ReadAllText(path), JsonSerializerOptions.Web)!;
        EsfSchema schema = EsfSchema.FromCanonicalText(vector.Schema);
        using EsfSealer sealer = new(schema, TestKeys.PublicOf(schema), null, new SeededRandomness(name), SealSession.MaxMessages);
        byte[] message = sealer.SealOrFail(Schemas.Encode(schema, vector.Json));
        SortedDictionary<string, string> readers = new(StringComparer.Ordinal) { [""] = Schemas.Print(schema, message) };
        foreach (string audience in schema.Audiences.Audiences)
        {
            using EsfKeyRing ring = TestKeys.RingOf(audience);
            readers[audience] = SealCase.Print(schema, message, ring);
        }

        SealedVector actual = new(
            vector.Schema,
            schema.Id.ToString("x16"),
            vector.Json,
            new SortedDictionary<string, string>(
                schema.Audiences.Audiences.ToDictionary(audience => audience,
                    audience => Convert.ToHexStringLower(TestKeys.SeedOf(audience))), StringComparer.Ordinal),
            readers,
            Convert.ToHexStringLower(message));
        GoldenFile.AssertSame(path, JsonSerializer.Serialize(actual, s_indented).Replace("\r", "", StringComparison.Ordinal) + "\n");
        Assert.All(readers, reader => Assert.Equal(reader.Value, Redaction.Of(vector.Json, schema.Definition.Record, [reader.Key])));
    }

    public static TheoryData<string> PartNames() =>
        [.. Directory.GetFiles(GoldenFile.PathOf("Vectors", "Parts"), "*.json").Order(StringComparer.Ordinal)
            .Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory]
    [MemberData(nameof(PartNames))]
    public void Split_reproduces_the_parts_of_a_golden_vector(string name)
    {
        string path = GoldenFile.PathOf("Vectors", "Parts", name + ".json");
        PartsVector vector = JsonSerializer.Deserialize<PartsVector>(File.ReadAllText(path), JsonSerializerOptions.Web)!;
        EsfSchema schema = EsfSchema.FromCanonicalText(vector.Schema);
        using EsfSealer sealer = new(schema, TestKeys.Public, null, new SeededRandomness(name), SealSession.MaxMessages);
        byte[] message = sealer.SealOrFail(Schemas.Encode(schema, vector.Json));
        SortedDictionary<string, Part> parts = new(StringComparer.Ordinal);
        using EsfKeyRing ring = TestKeys.RingOf(TestKeys.Audiences);
        foreach (string? part in (string?[])[null, .. schema.SubLexes])
        {
            byte[] bytes = new byte[message.Length];
            Assert.True(EsfSubLex.Split(schema, message, part, bytes, out int written).IsOk);
            bytes = bytes[..written];
            parts[part ?? ""] =
                new Part(Schemas.Print(schema, bytes), SealCase.Print(schema, bytes, ring), Convert.ToHexStringLower(bytes));
        }

        PartsVector actual = new(vector.Schema, schema.Id.ToString("x16"), vector.Json, Convert.ToHexStringLower(message), parts);
        GoldenFile.AssertSame(path, JsonSerializer.Serialize(actual, s_indented).Replace("\r", "", StringComparison.Ordinal) + "\n");
    }

    /// <summary>A sealed message and its parts, by the names of the sub-lexes; the main part is under "".</summary>
    private sealed record PartsVector(string Schema, string SchemaId, string Json, string Bytes, SortedDictionary<string, Part> Parts);

    /// <summary>A part: the JSON seen by a reader without keys, the JSON seen with all keys, and its bytes.</summary>
    private sealed record Part(string Stranger, string Reader, string Bytes);

    /// <summary>A sealed message: the seeds of the audiences' keys, and the JSON that each audience sees; the JSON seen without a key is
    /// under "".</summary>
    private sealed record SealedVector(
        string Schema, string SchemaId, string Json, SortedDictionary<string, string> Seeds, SortedDictionary<string, string> Readers,
        string Bytes);

    private sealed record Vector(string Schema, string SchemaId, string Json, string Bytes);
}
