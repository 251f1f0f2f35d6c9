using System.Globalization;
using System.Text;
using Estream.Esf;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Writes the Markdown page of a component. The same component always produces the same text.</summary>
internal static class ComponentPage
{
    public static string Write(ComponentManifest manifest, Package package, IReadOnlyList<EsfSchema> schemas)
    {
        StringBuilder page = new();
        page.Append($"# {manifest.Name} {manifest.Version}\n\n{Escaped(manifest.Description)}\n\n| | |\n|---|---|\n");
        Row(page, "Category", ComponentCategories.NameOf(manifest.Category));
        Row(page, "License", manifest.License);
        Row(page, "Author",
            manifest.Author is { } author ? string.Join(", ", new[] { author.Name, author.Email, author.Url }.OfType<string>()) : null);
        Row(page, "Source", manifest.Repository);
        Row(page, "Page", manifest.Homepage);
        Row(page, "Keywords", string.Join(", ", manifest.Keywords));
        if (manifest.Details is CircuitDetails circuit)
        {
            Row(page, "Targets", string.Join(", ", circuit.Targets));
        }

        if (manifest.Details is FpgaDetails card)
        {
            Row(page, "Top module", $"{card.Top} in {string.Join(", ", card.Rtl)}");
            Row(page, "Clock", card.ClockMhz is { } clock ? string.Create(CultureInfo.InvariantCulture, $"{clock} MHz") : null);
            foreach (FpgaBitstream bitstream in card.Bitstreams)
            {
                Row(page, $"Bitstream for {bitstream.Device}",
                    $"{bitstream.File}, SHA-256 {package.Entries.First(entry => entry.Path == bitstream.File).Sha256}");
            }
        }

        List(page, "Requires",
            [.. manifest.Dependencies.Select(need => need.ToString()), .. manifest.RequiredSchemas.Select(need => $"schema {need}"),
                .. manifest.Engines.Select(need => $"{need.Engine} {need.Range}")]);
        List(page, "Permissions", [.. manifest.Permissions.Select(permission => $"{permission.Meaning} (`{permission}`)")]);
        foreach (EsfSchema schema in schemas.OrderBy(schema => schema.Name, StringComparer.Ordinal))
        {
            Schema(page, schema);
        }

        return page.ToString();
    }

    private static void Schema(StringBuilder page, EsfSchema schema)
    {
        page.Append($"\n## `{schema.QualifiedName}`\n\n| Field | Type | |\n|---|---|---|\n");
        foreach (EsfField field in schema.Fields)
        {
            string[] words = [.. new[] { field.IsOptional ? "optional" : null, field.IsPrivate ? "private" : null, field.IsTokenized
                ? "tokenized" : null }.OfType<string>()];
            page.Append($"| `{field.Name}` | `{field.TypeName}` | {string.Join(", ", words)} |\n");
        }
    }

    private static void Row(StringBuilder page, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            page.Append($"| {name} | {Escaped(text)} |\n");
        }
    }

    private static void List(StringBuilder page, string title, IReadOnlyList<string> items)
    {
        if (items.Count > 0)
        {
            page.Append($"\n## {title}\n\n");
            foreach (string item in items)
            {
                page.Append($"- {item}\n");
            }
        }
    }

    // Escape the author's text so it cannot add markup to the page.
    private static string Escaped(string text) =>
        string.Concat(
            text.Select(character => "\\`*_[]<>|#".Contains(character, StringComparison.Ordinal)
                ? $"\\{character}" : character.ToString()));
}
