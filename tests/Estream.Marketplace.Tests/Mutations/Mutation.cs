using Estream.Testing;

namespace Estream.Marketplace.Tests.Mutations;

/// <summary>A mutation that removes a guard (mutate.py): the old text, the new text, and the tests that must detect it.</summary>
internal sealed record Mutation(string Name, string File, string Old, string New, IReadOnlyList<string> Tests)
{
    /// <summary>The prefix of a target in tests/Estream.Fuzz.</summary>
    public const string Fuzz = "fuzz:";

    public static string Folder => RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Mutations");

    /// <summary>Returns the mutations of all tables in this folder, named area/name.</summary>
    public static IReadOnlyList<Mutation> ReadAll() =>
    [
        .. from table in Directory.GetFiles(Folder, "*.txt").Order(StringComparer.Ordinal)
           from block in System.IO.File.ReadAllText(table).TrimEnd('\n').Split("\n\n[")
           select Read(Path.GetFileNameWithoutExtension(table), block.Split('\n')),
    ];

    private static Mutation Read(string area, string[] lines) => new(
        $"{area}/{lines[0].Trim('[', ']')}",
        Of(lines, "file ").Single(),
        string.Join('\n', Of(lines, "-")),
        string.Join('\n', Of(lines, "+")),
        Of(lines, "by ").Single().Split(' '));

    private static IEnumerable<string> Of(string[] lines, string mark) =>
        lines.Skip(1).Where(line => line.StartsWith(mark, StringComparison.Ordinal)).Select(line => line[mark.Length..]);
}
