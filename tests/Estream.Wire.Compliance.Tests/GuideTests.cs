using Estream.Testing;

namespace Estream.Wire.Compliance.Tests;

public sealed class GuideTests
{
    [Fact]
    public void The_guide_lists_all_checks_with_their_titles()
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.Combine("docs", "guides", "adapters.md"));
        int head = Array.IndexOf(lines, "| id | promise | needs |");
        IEnumerable<string> listed = lines.Skip(head + 2).TakeWhile(line => line.StartsWith('|'));

        Assert.Equal(
            WireAdapterCompliance.Checks.Select(check =>
                $"| {check.Id} | {check.Title} | {(check.Needs == ComplianceTraits.None ? "" : $"{check.Needs} ")}|"),
            listed);
        Assert.Contains($"with {WireAdapterCompliance.Checks.Count} checks", string.Join(' ', lines), StringComparison.Ordinal);
        Assert.Contains($"as {WireAdapterCompliance.Checks.Count} checks",
            File.ReadAllText(RepositoryRoot.Combine("src", "Estream.Wire.Compliance", "README.md")), StringComparison.Ordinal);
    }
}
