using System.Collections.Frozen;

namespace Estream.Marketplace.Names;

/// <summary>Which files are read as text by programs or people, by the ends of their names. Thread-safe; holds no state.</summary>
internal static class TextFiles
{
    private static readonly FrozenSet<string> s_endings = new[]
    {
        ".c", ".cpp", ".cs", ".csproj", ".css", ".csv", ".fs", ".go", ".h", ".htm", ".html", ".ini", ".java", ".js", ".json", ".jsx", ".map", ".md", ".mjs", ".cjs", ".props", ".ps1", ".py", ".rs", ".sh", ".sql",
        ".svg", ".sv", ".targets", ".toml", ".ts", ".tsx", ".txt", ".v", ".vhd", ".xml", ".xsd", ".yaml", ".yml",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_names = new[] { "LICENSE", "NOTICE", "README", "Makefile", "Dockerfile" }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsOne(string path) => s_endings.Contains(Path.GetExtension(path)) || s_names.Contains(Path.GetFileName(path));
}
