using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>A change of the policy of a registry. Null keeps the current value.</summary>
/// <param name="Categories">The categories to change.</param>
/// <param name="Approvals">The number of approvals that a release needs.</param>
/// <param name="Reviewers">The reviewers; used only with approvals.</param>
/// <param name="Highest">The highest tier of components in the categories.</param>
/// <param name="Rules">The tiers of components; a rule without a tier is removed.</param>
internal sealed record PolicyChange(IReadOnlyList<string> Categories, int? Approvals, IReadOnlyList<DocumentKey> Reviewers,
    TrustTier? Highest, IReadOnlyList<(ComponentPattern Components, TrustTier? Tier)> Rules)
{
    /// <summary>Whether the policy stays the same.</summary>
    public bool IsEmpty => Approvals is null && Highest is null && Rules.Count == 0;

    /// <summary>Returns the rules with a higher tier than every category of the change allows.</summary>
    public IEnumerable<TierRule> RulesWithoutEffect(TargetsDocument policy)
    {
        TrustTier highest = Categories.Max(category => policy.Categories.GetValueOrDefault(category)?.HighestTier)
            ?? TrustTier.Experimental;
        return Rules.Where(rule => rule.Tier > highest).Select(rule => new TierRule(rule.Components, rule.Tier!.Value));
    }

    /// <summary>Returns the policy after the change.</summary>
    public TargetsDocument Apply(TargetsDocument before)
    {
        Dictionary<string, CategoryPolicy> categories = new(before.Categories, StringComparer.Ordinal);
        foreach (string category in Categories)
        {
            // A category that the policy does not name stays closed unless its approvals are given.
            if (!categories.TryGetValue(category, out CategoryPolicy? old))
            {
                old = Approvals is null ? null : new CategoryPolicy(0, [], TrustTier.Community);
            }

            if (old is not null)
            {
                categories[category] = new CategoryPolicy(Approvals ?? old.Approvals, Approvals is null ? old.Reviewers : Reviewers,
                    Highest ?? old.HighestTier);
            }
        }

        List<TierRule> rules = [.. before.Rules];
        foreach ((ComponentPattern components, TrustTier? tier) in Rules)
        {
            rules.RemoveAll(rule => rule.Components == components);
            if (tier is not null)
            {
                // The first matching rule applies, so a rule precedes the wider ones.
                int wider = rules.FindIndex(rule => rule.Components.Matches(components.Text));
                rules.Insert(wider < 0 ? rules.Count : wider, new TierRule(components, tier.Value));
            }
        }

        return before with { Categories = categories, Rules = rules };
    }
}
