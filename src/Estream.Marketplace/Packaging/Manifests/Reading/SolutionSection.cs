using System.Text.RegularExpressions;
using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Reads the table <c>[component.solution]</c> and its tiers.</summary>
internal static partial class SolutionSection
{
    private const long MaxMonthlyCents = 1_000_000_000;

    public static CategoryDetails? Read(ManifestPart part, CategoryContext context)
    {
        if (context.Dependencies.Count == 0)
        {
            part.Report(ManifestCodes.MissingKey, part.Position, ManifestMessages.NeedsDependencies("solution"));
        }

        string? title = part.Display("title", ManifestLimits.MaxText, "title = \"Doors for factories\"", isRequired: true, isName: true);
        string? lex = Lex(part);
        string? currency = part.Matching("currency", Currency(), "an ISO 4217 currency", "currency = \"USD\"");
        List<SolutionTier> tiers = [];
        Dictionary<string, SourcePosition> names = new(StringComparer.Ordinal);
        foreach (ManifestPart item in part.Parts("tiers", ManifestLimits.MaxTiers, isRequired: true))
        {
            if (Tier(item, context) is { } tier && IsNew(item, tier.Name, names))
            {
                tiers.Add(tier);
            }
        }

        if (currency is null && part.Table.Find("currency") is null && tiers.Exists(tier => tier.MonthlyCents > 0))
        {
            part.Report(ManifestCodes.MissingKey, part.Position, ManifestMessages.NoCurrency());
        }

        return title is null || lex is null ? null : new SolutionDetails(title, lex, currency, tiers);
    }

    private static string? Lex(ManifestPart part)
    {
        const string Example = "lex = \"lex://acme/factory\"";
        if (part.Text("lex", Example, isRequired: true) is not { } text)
        {
            return null;
        }

        if (TextChecks.LexFault(text.Value) is not { } fault)
        {
            return text.Value;
        }

        part.Report(ManifestCodes.Text, text.Position, ManifestMessages.NoText(text.Value, $"an address ({fault})", Example));
        return null;
    }

    private static SolutionTier? Tier(ManifestPart part, CategoryContext context)
    {
        string? name = part.Matching("name", Name(), "the id of a tier: lower-case letters, digits and hyphens, at most 32",
            "name = \"standard\"", isRequired: true);
        string? title = part.Display("title", ManifestLimits.MaxText, "title = \"Standard\"", isRequired: true, isName: true);
        long? cents = part.Number("monthly_cents", 0, MaxMonthlyCents, "monthly_cents = 10000", isRequired: true);
        List<ComponentName> components = [];
        foreach (TomlString text in part.Texts("components", "components = [\"@acme/doors\"]", isRequired: true,
            most: ManifestLimits.MaxDependencies))
        {
            if (part.Parse<ComponentName>(text, "component name", ManifestCodes.Name, ComponentName.TryParse) is not { } component)
            {
                continue;
            }

            if (!context.Dependencies.Any(dependency => dependency.Name == component))
            {
                part.Report(ManifestCodes.Contradiction, text.Position, ManifestMessages.NotOwnComponent(text.Value));
            }

            components.Add(component);
        }

        Dictionary<string, long> limits = LimitTable.Read(part.Part("limits"));
        part.Close();
        return name is null || title is null || cents is null ? null : new SolutionTier(name, title, cents.Value, components, limits);
    }

    private static bool IsNew(ManifestPart item, string name, Dictionary<string, SourcePosition> names)
    {
        if (names.TryAdd(name, item.Position))
        {
            return true;
        }

        item.Report(ManifestCodes.Duplicate, item.Table.Find("name")!.Value.Position, ManifestMessages.Duplicate(name, names[name]));
        return false;
    }

    [GeneratedRegex(@"\A[A-Z]{3}\z")]
    private static partial Regex Currency();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,31}\z")]
    private static partial Regex Name();
}
