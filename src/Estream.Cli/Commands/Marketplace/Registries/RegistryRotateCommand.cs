using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace registry rotate`.</summary>
internal static class RegistryRotateCommand
{
    private static readonly Dictionary<string, RegistryRole> s_roles = Enum.GetValues<RegistryRole>()
        .ToDictionary(role => role.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    public static Command Create(CliContext context)
    {
        Option<string> registry = MarketplaceOptions.Registry();
        Option<string[]> roles = new("--role")
        {
            Description =
                "A role whose key is replaced: root, targets, snapshot or timestamp. May be repeated. Default: replace no key and extend "
                + "the root by a year.",
            HelpName = "ROLE",
            DefaultValueFactory = _ => [],
        };
        Option<string[]> keys = new("--key")
        {
            Description =
                "A current key of the role root, which signs the new root. May be repeated. Default: FOLDER/keys/root.key.",
            HelpName = "KEY",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "rotate",
            "Publishes the next root of a registry, with new keys for the given roles, and renews all bundles. The new keys replace the "
            + "old ones in keys/: move those of root and targets to offline storage again. Clients that trust the first root follow "
            + "automatically; verify bundles offline with the newest root.")
        {
            registry, roles, keys, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string folder = parsed.GetRequiredValue(registry);
            RegistryRole[] rotated = [.. parsed.GetRequiredValue(roles).Select(Known)];
            string[] keepers = parsed.GetRequiredValue(keys);
            (string name, long version, RegistryRenewal renewal) = await RegistryOperation.SignedAsync(
                context,
                folder,
                keepers.Length > 0 ? keepers : [Path.Combine(folder, "keys", "root.key")],
                async (registered, signers) =>
                {
                    RegistryRenewal renewed = await registered.RotateAsync(rotated, signers, context.Cancellation).ConfigureAwait(false);
                    return (registered.Root.Registry, registered.Root.Version, renewed);
                }).ConfigureAwait(false);
            string root = Path.Combine(RegistryOperator.PublicFolder(folder), "roles",
                string.Create(CultureInfo.InvariantCulture, $"{version}.root.json"));
            string refused = string.Concat(renewal.Refused.Select(reason => "\n  " + reason));
            said.Say(string.Create(CultureInfo.InvariantCulture,
                $"{name}: the newest root is {root}, {renewal.Bundles} bundles renewed{refused}"), line =>
            {
                line.WriteString("registry", name);
                line.WriteString("root", root);
                line.WriteNumber("version", version);
                line.WriteNumber("bundles", renewal.Bundles);
                line.WriteTexts("refused", renewal.Refused);
            });
            return renewal.Refused.Count == 0 ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }

    private static RegistryRole Known(string role) => s_roles.TryGetValue(role, out RegistryRole known) ? known
        : throw new CliException($"'{role}' is not a role. Use one of: {string.Join(", ", s_roles.Keys)}");
}
