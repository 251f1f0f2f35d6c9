using System.Text;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Tests.Golden;

namespace Estream.Marketplace.Tests.Manifests;

/// <summary>
/// The messages for authors. A case names a category and changes its manifest from docs/formats/manifest.md: a line after <c>- </c> is
/// replaced by the following lines after <c>+ </c>; lines after <c>+ </c> that replace no line are appended at the end.
/// </summary>
public sealed class ManifestErrorTests
{
    [Fact]
    public void Every_manifest_error_has_its_message() =>
        GoldenFile.AssertSame("manifest-errors.txt",
            input => ManifestReader.Read(Encoding.UTF8.GetBytes(Changed(input))).Diagnostics.Select(mistake => mistake.ToString()));

    private static string Changed(string input)
    {
        string[] lines = input.Split('\n');
        Assert.True(ComponentCategories.TryParse(lines[0], out ComponentCategory category), input);
        List<string> manifest = [.. ManifestPage.Manifests[category].TrimEnd('\n').Split('\n')];
        int at = manifest.Count;
        foreach (string line in lines[1..])
        {
            if (line.StartsWith("- ", StringComparison.Ordinal))
            {
                at = manifest.IndexOf(line[2..]);
                Assert.True(at >= 0, $"there is no line '{line[2..]}'");
                manifest.RemoveAt(at);
            }
            else
            {
                Assert.StartsWith("+ ", line, StringComparison.Ordinal);
                manifest.Insert(at++, line[2..]);
            }
        }

        return string.Join('\n', manifest) + "\n";
    }
}
