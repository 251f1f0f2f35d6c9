using System.Text;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Manifests;

/// <summary>The page docs/formats/manifest.md, and the manifests it shows.</summary>
internal static class ManifestPage
{
    private const string Fence = "```toml\n";

    public static string Text { get; } = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "manifest.md"));

    /// <summary>Every block of TOML.</summary>
    public static IReadOnlyList<string> Blocks { get; } = [.. Text.Split(Fence)[1..].Select(rest => rest.Split("```")[0])];

    /// <summary>The whole manifests by their category, of which there is one for each.</summary>
    public static IReadOnlyDictionary<ComponentCategory, string> Manifests { get; } =
        Blocks.Where(block => block.StartsWith("[component]\n", StringComparison.Ordinal)).ToDictionary(block => Read(block).Category);

    public static ComponentManifest Read(string toml)
    {
        ManifestReadResult result = ManifestReader.Read(Encoding.UTF8.GetBytes(toml));
        Assert.True(result.Manifest is not null, string.Join('\n', result.Diagnostics));
        return result.Manifest;
    }
}
