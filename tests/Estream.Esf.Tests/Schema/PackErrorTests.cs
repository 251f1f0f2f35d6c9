using Estream.Esf.Schema;
using Estream.Esf.Tests.Golden;

namespace Estream.Esf.Tests;

/// <summary>
/// Every error in a manifest or an import, and every conflict between packs, with its message. Each case of the golden file has several
/// files: <c>--- path</c> begins a file.
/// </summary>
public sealed class PackErrorTests
{
    private const string FileMark = "--- ";

    private static readonly string s_path = GoldenFile.PathOf("Golden", "pack-errors.txt");

    [Fact]
    public void Every_pack_error_has_its_message() =>
        GoldenCases.AssertSame(s_path, (_, input) => Mistakes(Sources(input)));

    /// <summary>The diagnostics of all cases.</summary>
    internal static IEnumerable<SchemaDiagnostic> All() => GoldenCases.Read(s_path).SelectMany(c => Mistakes(Sources(c.Input)));

    internal static SchemaSource[] Sources(string input) =>
    [
        .. ("\n" + input).Split("\n" + FileMark, StringSplitOptions.RemoveEmptyEntries)
            .Select(file => file.Split('\n', 2))
            .Select(parts => new SchemaSource(parts[0], parts[1] + "\n")),
    ];

    private static IEnumerable<SchemaDiagnostic> Mistakes(SchemaSource[] sources)
    {
        SchemaComposition composition = SchemaComposer.Read(sources);
        return composition.ManifestDiagnostics.Concat(sources.Where(composition.Files.ContainsKey)
            .SelectMany(source => composition.Files[source].Diagnostics));
    }
}
