using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests;

/// <summary>A row of Samples/verdicts.tsv.</summary>
/// <param name="Path">Which message, below the folder.</param>
/// <param name="Version">The end of the namespace of its <c>Document</c>: <c>pacs.008.001.08</c>, or something else where it is of no
/// version of the standard.</param>
/// <param name="Said">What the schema of that version says: <c>valid</c>, <c>INVALID</c> and why, <c>no-xsd</c>, or
/// <c>no-Document</c>.</param>
internal sealed record SampleVerdict(string Path, string Version, string Said)
{
    private const string Wrong = "INVALID ";

    public bool IsValid => Said == "valid";

    public bool IsInvalid => Said.StartsWith(Wrong, StringComparison.Ordinal);

    /// <summary>The element that is said to be wrong, of a message that is invalid.</summary>
    public string WrongElement
    {
        get
        {
            string[] quoted = Said.Split('\'');
            string name = Said.Contains("invalid child element", StringComparison.Ordinal) ? quoted[5] : quoted[1];
            return name[(name.LastIndexOf(':') + 1)..];
        }
    }

    public static SampleVerdict Parse(string row)
    {
        string[] columns = row.Split('\t');
        return columns.Length == 3
            ? new SampleVerdict(columns[0], columns[1], columns[2])
            : throw new FormatException($"Samples/verdicts.tsv: '{row}' is not path, version and verdict with tabs between them.");
    }
}

/// <summary>The messages of others: Samples/README.md says whose.</summary>
internal static class Samples
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Samples");

    /// <summary>Their paths below the folder.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.GetFiles(s_folder, "*.xml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(s_folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>What a program that is not ours says of them, in the order of its list.</summary>
    public static IReadOnlyList<SampleVerdict> Verdicts { get; } =
        [.. File.ReadLines(Path.Combine(s_folder, "verdicts.tsv")).Select(SampleVerdict.Parse)];

    /// <summary>Those of a version that we have a schema for.</summary>
    public static IReadOnlyList<string> OfOurVersions { get; } =
        [.. Verdicts.Where(verdict => MessageSchemas.Names.Contains(verdict.Version)).Select(verdict => verdict.Path)];

    /// <summary>One of them.</summary>
    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(s_folder, path));
}
