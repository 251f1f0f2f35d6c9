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
            Description = "A category that is changed, such as wire-adapter. May be repeated; all where it is left out.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        Option<int?> approvals = new("--approvals")
        {
            Description = "How many distinct reviewers have to approve of each release. Without it the policy is shown.",
            HelpName = "N",
        };
        Option<string[]> reviewers = new("--reviewer")
        {
            Description = "The public key of a reviewer: from now on those that are named here count, and no others. May be repeated.",
            HelpName = "KEY.pub",
            DefaultValueFactory = _ => [],
        };
        Option<string?> key = new("--key")
        {
            Description = "The key of the role targets, which signs the policy; FOLDER/keys/targets.key where it is left out.",
            HelpName = "KEY",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "policy",
            "Says of each category how many of which reviewers have to approve of a release before it is published, and before anybody "
            + "installs it. It is signed by the key of targets and counts for 90 days. Without --approvals it is shown.")
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
        : throw new CliException($"'{category}' is no category: {string.Join(", ", ComponentCategories.Names)}");

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
        said.Note(string.Create(CultureInfo.InvariantCulture, $"policy {policy.Version}, until {policy.Expires:yyyy-MM-dd}"));
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
