using Estream.Testing;

namespace Estream.Marketplace.Tests.Resolution;

/// <summary>
/// The messages of conflicts, one file each: the universe, four hyphens, and the message. With ESTREAM_ACCEPT=1 the test rewrites the
/// messages, and the review shows the differences.
/// </summary>
public sealed class ConflictMessageTests
{
    private const string Divider = "\n----\n";

    private static string Folder => Path.Combine(RepositoryRoot.Path, "tests", "Estream.Marketplace.Tests", "Golden", "Conflicts");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Conflict_message_matches_its_golden_file(string name)
    {
        string path = Path.Combine(Folder, name + ".txt");
        string[] parts = File.ReadAllText(path).Split(Divider);
        ResolutionResult result = UniverseText.Read(parts[0]).Resolve();
        Assert.False(result.IsResolved,
            $"{name} resolves to {string.Join(", ", result.Set?.Components.Select(component => component.Release.ToString()) ?? [])}");
        if (Environment.GetEnvironmentVariable("ESTREAM_ACCEPT") == "1")
        {
            File.WriteAllText(path, $"{parts[0].TrimEnd('\n')}{Divider}{result.Conflict}\n");
        }

        Assert.Equal(parts.ElementAtOrDefault(1)?.TrimEnd('\n'), result.Conflict.ToString());
    }

    [Fact]
    public void At_least_forty_conflicts_are_tested() => Assert.True(Names.Count >= 40, $"{Names.Count} conflicts");
}
