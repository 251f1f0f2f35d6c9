using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests;

/// <summary>The messages of others: Samples/README.md says whose.</summary>
internal static class Samples
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Samples");

    /// <summary>Their paths below the folder.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.GetFiles(s_folder, "*.xml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>What a program that is not ours says of them, in the order of its list.</summary>
    public static IReadOnlyList<SampleVerdict> Verdicts { get; } = [.. File.ReadLines(Path.Combine(s_folder, "verdicts.tsv")).Select(SampleVerdict.Parse)];

    /// <summary>Those of a version that we have a schema for.</summary>
    public static IReadOnlyList<string> OfOurVersions { get; } = [.. Verdicts.Where(verdict => MessageSchemas.Names.Contains(verdict.Version)).Select(verdict => verdict.Path)];

    /// <summary>One of them.</summary>
    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(s_folder, path));
}
