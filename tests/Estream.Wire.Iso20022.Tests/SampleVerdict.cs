using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests;

/// <summary>A row of Samples/verdicts.tsv.</summary>
/// <param name="Path">The path of the message, below the folder.</param>
/// <param name="Version">The end of the namespace of its <c>Document</c>, such as <c>pacs.008.001.08</c>, or another value if it is not a
/// version of the standard.</param>
/// <param name="Said">The verdict of the schema of that version: <c>valid</c>, <c>INVALID</c> with a reason, <c>no-xsd</c>, or
/// <c>no-Document</c>.</param>
internal sealed record SampleVerdict(string Path, string Version, string Said)
{
    private const string Wrong = "INVALID ";

    public bool IsValid => Said == "valid";

    public bool IsInvalid => Said.StartsWith(Wrong, StringComparison.Ordinal);

    /// <summary>The element reported as wrong in an invalid message.</summary>
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

/// <summary>Third-party sample messages; Samples/README.md names their sources.</summary>
internal static class Samples
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Samples");

    /// <summary>The paths of all samples, below the folder.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.GetFiles(s_folder, "*.xml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(s_folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>The verdicts of an independent program, in the order of its list.</summary>
    public static IReadOnlyList<SampleVerdict> Verdicts { get; } =
        [.. File.ReadLines(Path.Combine(s_folder, "verdicts.tsv")).Select(SampleVerdict.Parse)];

    /// <summary>The samples of versions for which there is a schema.</summary>
    public static IReadOnlyList<string> OfOurVersions { get; } =
        [.. Verdicts.Where(verdict => MessageSchemas.Names.Except(MessageSchemas.PartialNames).Contains(verdict.Version))
            .Select(verdict => verdict.Path)];

    /// <summary>The samples of versions whose schemas lack elements, for which there are no verdicts.</summary>
    public static IReadOnlyList<string> OfPartialVersions { get; } =
        [.. Verdicts.Where(verdict => MessageSchemas.PartialNames.Contains(verdict.Version)).Select(verdict => verdict.Path)];

    /// <summary>Reads a sample.</summary>
    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(s_folder, path));
}
