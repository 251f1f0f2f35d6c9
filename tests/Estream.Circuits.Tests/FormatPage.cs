using Estream.Testing;

namespace Estream.Circuits.Tests;

/// <summary>The examples in docs/formats/escir.md.</summary>
internal static class FormatPage
{
    /// <summary>Returns the only circuit file of the page that contains a text.</summary>
    public static string Example(string text) => File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "escir.md")).Split("```yaml\n")
        .Select(block => block.Split("```")[0])
        .Single(block => block.StartsWith("escir_version", StringComparison.Ordinal) && block.Contains(text, StringComparison.Ordinal));
}
