using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Toml;

/// <summary>The conformance suite toml-test for TOML 1.0.0: see Vectors/README.md.</summary>
internal static class TomlSuite
{
    private static readonly Lazy<IReadOnlyDictionary<string, byte[]>> s_files = new(Unpack);

    /// <summary>The names of the valid files, without their extension.</summary>
    public static IReadOnlyList<string> Valid { get; } = Names("valid/");

    /// <summary>The names of the invalid files, without their extension.</summary>
    public static IReadOnlyList<string> Invalid { get; } = Names("invalid/");

    public static byte[] Toml(string name) => s_files.Value[name + ".toml"];

    /// <summary>Returns the expected values of a valid file.</summary>
    public static JsonElement Expected(string name) => JsonDocument.Parse(s_files.Value[name + ".json"]).RootElement;

    /// <summary>Asserts that tagged JSON is equivalent: keys in any order, numbers by value, times by instant.</summary>
    public static void AssertSame(JsonElement expected, JsonElement actual, string path = "root")
    {
        Assert.True(expected.ValueKind == actual.ValueKind, $"{path}: {expected} is wanted, and {actual} was read");
        if (expected.ValueKind == JsonValueKind.Array)
        {
            Assert.True(expected.GetArrayLength() == actual.GetArrayLength(), $"{path}: {expected} is wanted, and {actual} was read");
            foreach ((int index, JsonElement item) in expected.EnumerateArray().Index())
            {
                AssertSame(item, actual[index], $"{path}[{index}]");
            }
        }
        else if (IsValue(expected))
        {
            string type = expected.GetProperty("type").GetString()!;
            Assert.Equal($"{path}: {type}", $"{path}: {actual.GetProperty("type").GetString()}");
            Assert.Equal(Normal(type, expected.GetProperty("value").GetString()!), Normal(type, actual.GetProperty("value").GetString()!));
        }
        else
        {
            Assert.Equal($"{path}: {Keys(expected)}", $"{path}: {Keys(actual)}");
            foreach (JsonProperty property in expected.EnumerateObject())
            {
                AssertSame(property.Value, actual.GetProperty(property.Name), $"{path}.{property.Name}");
            }
        }
    }

    private static bool IsValue(JsonElement element) =>
        element.EnumerateObject().Count() == 2
        && element.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
        && element.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.String;

    private static string Keys(JsonElement element) =>
        string.Join('|', element.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));

    private static string Normal(string type, string value) => type switch
    {
        "float" when value.TrimStart('+') is not ("inf" or "-inf" or "nan") =>
            double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        "datetime" => DateTimeOffset.Parse(value, CultureInfo.InvariantCulture).ToString("O", CultureInfo.InvariantCulture),
        _ => value,
    };

    private static IReadOnlyList<string> Names(string folder) =>
        [.. s_files.Value.Keys.Where(name =>
            name.StartsWith(folder, StringComparison.Ordinal) && name.EndsWith(".toml", StringComparison.Ordinal))
                .Select(name => name[..^".toml".Length]).Order(StringComparer.Ordinal)];

    private static Dictionary<string, byte[]> Unpack()
    {
        using FileStream file =
            File.OpenRead(RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Vectors", "toml-test-1.0.0.tar.gz"));
        using GZipStream plain = new(file, CompressionMode.Decompress);
        using TarReader tar = new(plain);
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        while (tar.GetNextEntry() is { } entry)
        {
            using MemoryStream content = new();
            entry.DataStream?.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }

        return files;
    }
}
