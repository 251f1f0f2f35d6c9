using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Crypto;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace registry policy`.</summary>
internal static class RegistryPolicyCommand
{
    private static readonly string[] s_tiers = [.. Enum.GetValues<TrustTier>().Reverse().Select(WorkspaceText.NameOf)];

    public static Command Create(CliContext context)
    {
        Option<string> registry = MarketplaceOptions.Registry();
        Option<string[]> categories = new("--category")
        {
            Description = "A category to show or change, such as wire-adapter. May be repeated. Default: all categories.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        Option<int?> approvals = new("--approvals")
        {
            Description = "The number of distinct reviewers that must approve each release. Default: show the policy and change nothing.",
            HelpName = "N",
        };
        Option<string[]> reviewers = new("--reviewer")
        {
            Description = "The public key of a reviewer. The given keys replace all previous reviewers. May be repeated.",
            HelpName = "KEY.pub",
            DefaultValueFactory = _ => [],
        };
        Option<string[]> tiers = new("--tier")
        {
            Description = "The trust tier of components: PATTERN is @scope/name, @scope/* or *, and TIER is core, verified, community or "
                + "experimental, or none to remove the rule. May be repeated.",
            HelpName = "PATTERN=TIER",
            DefaultValueFactory = _ => [],
        };
        Option<string?> highest = new("--highest-tier")
        {
            Description = "The highest trust tier that a component of the category can have. A new registry allows community.",
            HelpName = "TIER",
        };
        highest.AcceptOnlyFromAmong(s_tiers);
        Option<string?> key = new("--key")
        {
            Description = "The private key of the role targets, which signs the policy. Default: FOLDER/keys/targets.key.",
            HelpName = "KEY",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "policy",
            "Shows the policy of a registry, or with --approvals, --tier or --highest-tier changes it: per category, the reviewers, the "
            + "number of approvals that a release needs before it is published or installed, and the highest trust tier; and the tiers of "
            + "components. The key of the role targets signs the policy, which is valid for 90 days.")
        {
            registry, categories, approvals, reviewers, tiers, highest, key, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string folder = parsed.GetRequiredValue(registry);
            string[] named = [.. parsed.GetRequiredValue(categories).Select(Known)];
            PolicyChange change = new(named.Length > 0 ? named : [.. ComponentCategories.Names], parsed.GetValue(approvals),
                [.. parsed.GetRequiredValue(reviewers).Select(path => new DocumentKey(MlDsa87PublicKey.Load(path)))],
                parsed.GetValue(highest) is { } word ? Tier(word) : null, [.. parsed.GetRequiredValue(tiers).Select(Rule)]);
            string path = parsed.GetValue(key) ?? Path.Combine(folder, "keys", "targets.key");
            await RunAsync(context, said, folder, named, change, path).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task RunAsync(CliContext context, MarketplaceOutput said, string folder, string[] named, PolicyChange change,
        string key)
    {
        if (change.IsEmpty)
        {
            using RegistryOperator shown = await MarketplaceOptions.OpenAsync(context, folder).ConfigureAwait(false);
            Say(said, await shown.ReadPolicyAsync(context.Cancellation).ConfigureAwait(false), named);
            return;
        }

        TargetsDocument policy = await RegistryOperation.SignedAsync(context, folder, [key],
            (registered, signers) => registered.ChangePolicyAsync(change.Apply, signers, context.Cancellation)).ConfigureAwait(false);
        Say(said, policy, change.Rules.Count > 0 ? [] : [.. change.Categories]);
        foreach (string warning in change.RulesWithoutEffect(policy).Select(rule =>
            $"warning: '{rule.Components.Text}={WorkspaceText.NameOf(rule.Tier)}' has no effect, because no "
            + $"{(named.Length > 0 ? "named category" : "category")} allows this tier. Add "
            + $"--highest-tier {WorkspaceText.NameOf(rule.Tier)}."))
        {
            said.Say(warning, line => line.WriteString("warning", warning));
        }
    }

    private static (ComponentPattern Components, TrustTier? Tier) Rule(string text)
    {
        string[] sides = text.Split('=');
        if (sides.Length != 2 || (sides[1] != "none" && !s_tiers.Contains(sides[1])))
        {
            throw new CliException($"--tier '{text}' is not valid. Write PATTERN=TIER, such as @acme/*=verified. The tiers are "
                + $"{string.Join(", ", s_tiers)}; none removes a rule.");
        }

        try
        {
            return (ComponentPattern.Parse(sides[0]), sides[1] == "none" ? null : Tier(sides[1]));
        }
        catch (FormatException wrong)
        {
            throw new CliException(wrong.Message);
        }
    }

    private static TrustTier Tier(string word) => Enum.Parse<TrustTier>(word, ignoreCase: true);

    private static string Known(string category) => ComponentCategories.TryParse(category, out _) ? category
        : throw new CliException($"'{category}' is not a category. Use one of: {string.Join(", ", ComponentCategories.Names)}");

    private static void Say(MarketplaceOutput said, TargetsDocument policy, string[] categories)
    {
        said.Note(string.Create(CultureInfo.InvariantCulture, $"policy {policy.Version}, valid until {policy.Expires:yyyy-MM-dd}"));
        foreach ((string category, CategoryPolicy one) in policy.Categories.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Where(pair => categories.Length == 0 || categories.Contains(pair.Key)))
        {
            string tier = WorkspaceText.NameOf(one.HighestTier);
            said.Say(string.Create(CultureInfo.InvariantCulture,
                $"{category}: {one.Approvals} of {one.Reviewers.Count} reviewers, tiers up to {tier}"), line =>
            {
                line.WriteString("category", category);
                line.WriteNumber("approvals", one.Approvals);
                line.WriteTexts("reviewers", one.Reviewers.Select(reviewer => reviewer.Id));
                line.WriteString("highestTier", tier);
            });
        }

        foreach (TierRule rule in categories.Length == 0 ? policy.Rules : [])
        {
            said.Say($"{rule.Components}: tier {WorkspaceText.NameOf(rule.Tier)}", line =>
            {
                line.WriteString("components", rule.Components.Text);
                line.WriteString("tier", WorkspaceText.NameOf(rule.Tier));
            });
        }
    }
}
