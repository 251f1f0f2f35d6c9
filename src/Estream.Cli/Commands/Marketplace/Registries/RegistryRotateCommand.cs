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
                "Whose key is exchanged: root, targets, snapshot or timestamp. May be repeated; the root alone counts a year longer where "
                + "it is left out.",
            HelpName = "ROLE",
            DefaultValueFactory = _ => [],
        };
        Option<string[]> keys = new("--key")
        {
            Description =
                "A key of the role root as it is now, which signs the next root; FOLDER/keys/root.key where it is left out. May be "
                + "repeated.",
            HelpName = "KEY",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "rotate",
            "Says the next root of the registry, with new keys for the roles that are named, and makes all bundles anew. The new keys lie "
            + "in keys/, in the place of the old ones: take those of root and targets away again. "
            + "Whoever trusts the registry by its first root follows by itself; a bundle that is verified without a network is verified "
            + "by the newest root.")
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
                $"{name}: the newest root is {root}, and {renewal.Bundles} bundles are renewed{refused}"), line =>
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
        : throw new CliException($"'{role}' is no role whose key is exchanged here: {string.Join(", ", s_roles.Keys)}");
}
