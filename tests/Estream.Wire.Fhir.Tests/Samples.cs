using System.Text.Json;
using Estream.Testing;

namespace Estream.Wire.Fhir.Tests;

/// <summary>The third-party samples.</summary>
internal static class Samples
{
    private static readonly string[] s_mapped = ["Patient", "Observation", "Encounter", "Consent"];

    /// <summary>The names of the examples whose types have a schema, in order.</summary>
    public static IReadOnlyList<string> Mapped { get; } =
        [.. Files("examples", "*.json").Where(name => s_mapped.Any(type => name.StartsWith(type + "-", StringComparison.Ordinal)))];

    /// <summary>The names as the data of a theory.</summary>
    public static TheoryData<string> Names => [.. Mapped];

    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Folder(folder), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public static byte[] Read(string name, string folder = "examples") =>
        File.ReadAllBytes(Directory.EnumerateFiles(Folder(folder), name, SearchOption.AllDirectories).Single());

    public static string Folder(string name) => RepositoryRoot.Combine("tests", "Estream.Wire.Fhir.Tests", "Samples", name);

    /// <summary>The resource type of an example.</summary>
    public static string TypeOf(string name) => name[..name.IndexOf('-', StringComparison.Ordinal)];

    /// <summary>Whether two JSON values are equal: objects in any order, numbers digit by digit.</summary>
    public static bool IsSame(JsonElement one, JsonElement other)
    {
        if (one.ValueKind != other.ValueKind)
        {
            return false;
        }

        return one.ValueKind switch
        {
            JsonValueKind.Object => one.EnumerateObject().Count() == other.EnumerateObject().Count()
                && one.EnumerateObject().All(member => other.TryGetProperty(member.Name, out JsonElement found)
                    && IsSame(member.Value, found)),
            JsonValueKind.Array => one.GetArrayLength() == other.GetArrayLength()
                && one.EnumerateArray().Zip(other.EnumerateArray()).All(pair => IsSame(pair.First, pair.Second)),
            JsonValueKind.Number => one.GetRawText() == other.GetRawText(),
            JsonValueKind.String => one.GetString() == other.GetString(),
            _ => true,
        };
    }
}
