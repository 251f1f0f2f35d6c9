namespace Estream.Wire.Iso20022.Tests;

/// <summary>The messages of others: Samples/README.md says whose.</summary>
internal static class Samples
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Samples");

    /// <summary>Their paths below the folder.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Directory.GetFiles(s_folder, "*.xml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(s_folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>One of them.</summary>
    public static byte[] Read(string path) => File.ReadAllBytes(Path.Combine(s_folder, path));
}
