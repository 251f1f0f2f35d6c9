using Estream.Testing;

namespace Estream.Marketplace.Tests.Resolution;

/// <summary>
/// The messages of conflicts, each a file: the universe, four hyphens, and what a person reads. With ESTREAM_ACCEPT=1 the messages are
/// written anew, and the review reads the difference.
/// </summary>
public sealed class ConflictMessageTests
{
    private const string Divider = "\n----\n";

    private static string Folder => Path.Combine(RepositoryRoot.Path, "tests", "Estream.Marketplace.Tests", "Golden", "Conflicts");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_conflict_is_told_as_its_file_says(string name)
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
    public void There_are_forty_of_them() => Assert.True(Names.Count >= 40, $"{Names.Count} conflicts");
}
