using System.Reflection;
using System.Text;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Manifests;

/// <summary>The format page matches the code.</summary>
public sealed class ManifestPageTests
{
    [Fact]
    public void Manifest_page_has_an_example_for_each_category()
    {
        Assert.Equal(Enum.GetValues<ComponentCategory>(), ManifestPage.Manifests.Keys.Order());
        foreach (string name in ComponentCategories.Names)
        {
            Assert.Contains($"\n### `{name}`\n", ManifestPage.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Other_examples_of_the_manifest_page_are_valid()
    {
        string circuit = ManifestPage.Manifests[ComponentCategory.SmartCircuit];
        string[] parts = [.. ManifestPage.Blocks.Where(block => !block.StartsWith("[component]", StringComparison.Ordinal))];
        Assert.Equal(2, parts.Length);
        Assert.Equal(2, ManifestPage.Read(circuit + "\n[component.dependencies]\n" + parts[0]).Dependencies.Count);
        Assert.NotNull(ManifestPage.Read(circuit + "\n[component.build]\n" + parts[1]).Build);
    }

    [Fact]
    public void Manifest_page_lists_every_error_code()
    {
        string[] codes = [.. typeof(ManifestCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!)];
        Assert.NotEmpty(codes);
        Assert.Equal(codes, codes.Where(code => ManifestPage.Text.Contains($"| `{code}` |", StringComparison.Ordinal)));
    }

    [Fact]
    public void Manifest_page_lists_every_permission_with_its_categories()
    {
        string[] rows = [.. ManifestPage.Text.Split("## Permissions")[1].Split("## ")[0].Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
        Assert.Equal(PermissionRule.All.Count, rows.Length);
        foreach ((PermissionRule rule, string row) in PermissionRule.All.Zip(rows))
        {
            string[] cells = row.Split('|', StringSplitOptions.TrimEntries);
            Assert.StartsWith("`" + rule.Kind, cells[1], StringComparison.Ordinal);
            Assert.Equal(rule.Categories.Select(ComponentCategories.NameOf).Order(StringComparer.Ordinal),
                cells[3].Split(", ").Order(StringComparer.Ordinal));
        }
    }
}

/// <summary>The page docs/formats/manifest.md and the manifests on it.</summary>
internal static class ManifestPage
{
    private const string Fence = "```toml\n";

    public static string Text { get; } = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "manifest.md"));

    /// <summary>All TOML blocks of the page.</summary>
    public static IReadOnlyList<string> Blocks { get; } = [.. Text.Split(Fence)[1..].Select(rest => rest.Split("```")[0])];

    /// <summary>The complete manifests on the page, one per category.</summary>
    public static IReadOnlyDictionary<ComponentCategory, string> Manifests { get; } =
        Blocks.Where(block => block.StartsWith("[component]\n", StringComparison.Ordinal)).ToDictionary(block => Read(block).Category);

    public static ComponentManifest Read(string toml)
    {
        ManifestReadResult result = ManifestReader.Read(Encoding.UTF8.GetBytes(toml));
        Assert.True(result.Manifest is not null, string.Join('\n', result.Diagnostics));
        return result.Manifest;
    }
}
