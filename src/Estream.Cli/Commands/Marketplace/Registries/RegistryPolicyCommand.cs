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
        Option<string?> key = new("--key")
        {
            Description = "The private key of the role targets, which signs the policy. Default: FOLDER/keys/targets.key.",
            HelpName = "KEY",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "policy",
            "Shows the policy of a registry, or with --approvals changes it: per category, the reviewers and the number of approvals that "
            + "a release needs before it is published or installed. The key of the role targets signs the policy, which is valid for 90 "
            + "days.")
        {
            registry, categories, approvals, reviewers, key, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string folder = parsed.GetRequiredValue(registry);
            string[] named = [.. parsed.GetRequiredValue(categories).Select(Known)];
            if (parsed.GetValue(approvals) is not { } needed)
            {
                using RegistryOperator shown = await MarketplaceOptions.OpenAsync(context, folder).ConfigureAwait(false);
                Say(said, await shown.ReadPolicyAsync(context.Cancellation).ConfigureAwait(false), named);
                return ExitCode.Ok;
            }

            DocumentKey[] keys = [.. parsed.GetRequiredValue(reviewers).Select(path => new DocumentKey(MlDsa87PublicKey.Load(path)))];
            string[] changed = named.Length > 0 ? named : [.. ComponentCategories.Names];
            TargetsDocument policy = await RegistryOperation.SignedAsync(
                context,
                folder,
                [parsed.GetValue(key) ?? Path.Combine(folder, "keys", "targets.key")],
                (registered, signers) =>
                    registered.ChangePolicyAsync(before => Changed(before, changed, needed, keys), signers, context.Cancellation))
                        .ConfigureAwait(false);
            Say(said, policy, changed);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Known(string category) => ComponentCategories.TryParse(category, out _) ? category
        : throw new CliException($"'{category}' is not a category. Use one of: {string.Join(", ", ComponentCategories.Names)}");

    private static Dictionary<string, CategoryPolicy> Changed(TargetsDocument before, IEnumerable<string> categories, int approvals,
        DocumentKey[] reviewers)
    {
        Dictionary<string, CategoryPolicy> policies = new(before.Categories, StringComparer.Ordinal);
        foreach (string category in categories)
        {
            policies[category] = new CategoryPolicy(approvals, reviewers,
                before.Categories.TryGetValue(category, out CategoryPolicy? old) ? old.HighestTier : TrustTier.Community);
        }

        return policies;
    }

    private static void Say(MarketplaceOutput said, TargetsDocument policy, string[] categories)
    {
        said.Note(string.Create(CultureInfo.InvariantCulture, $"policy {policy.Version}, valid until {policy.Expires:yyyy-MM-dd}"));
        foreach ((string category, CategoryPolicy one) in policy.Categories.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Where(pair => categories.Length == 0 || categories.Contains(pair.Key)))
        {
            said.Say(string.Create(CultureInfo.InvariantCulture, $"{category}: {one.Approvals} of {one.Reviewers.Count} reviewers"), line =>
            {
                line.WriteString("category", category);
                line.WriteNumber("approvals", one.Approvals);
                line.WriteTexts("reviewers", one.Reviewers.Select(reviewer => reviewer.Id));
            });
        }
    }
}
