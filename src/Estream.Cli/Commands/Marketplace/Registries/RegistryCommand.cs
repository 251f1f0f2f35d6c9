using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace registry`: creates and maintains a registry.</summary>
internal static class RegistryCommand
{
    public static Command Create(CliContext context) =>
        new("registry",
            "Creates and maintains a registry. Its folder contains the keys in keys/, and in public/ the files for any web server.")
    {
        CreateNew(context),
        CreateRenew(context),
        RegistryPolicyCommand.Create(context),
        RegistryRotateCommand.Create(context),
        SignedEntryFile.CreateTake(context),
    };

    private static Command CreateNew(CliContext context)
    {
        Argument<string> folder = new("FOLDER") { Description = "The folder to create; it must be empty or not exist." };
        Option<string> name = SharedOptions.Required("--name", "NAME",
            "The permanent name of the registry and origin of its log: a host and a path, such as components.example.org/main.");
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "create",
            "Creates a registry: a key per role, the first root, an empty log, and a policy without required approvals in all categories "
            + "(change it with 'registry policy'). Move keys/root.key and keys/targets.key to offline storage; daily operation needs only "
            + "the other three keys. Give public/roles/1.root.json to users through a channel other than the registry: they pin it to "
            + "trust the registry.")
        {
            folder, name, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string path = parsed.GetRequiredValue(folder), called = parsed.GetRequiredValue(name);
            try
            {
                await RegistryInitializer.CreateAsync(path, called, context.Clock, context.Cancellation).ConfigureAwait(false);
            }
            catch (ArgumentException wrong)
            {
                throw new CliException(wrong.Message);
            }

            string root = Path.Combine(RegistryOperator.PublicFolder(path), "roles", "1.root.json");
            said.Say($"{called} is created in {path}. Users pin its root {root}. Move {Path.Combine(path, "keys", "root.key")} and "
                + "targets.key to offline storage.", line =>
            {
                line.WriteString("registry", called);
                line.WriteString("folder", path);
                line.WriteString("root", root);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateRenew(CliContext context)
    {
        Option<string> registry = MarketplaceOptions.Registry();
        Option<bool> json = SharedOptions.Json();
        Command command = new("renew",
            "Renews the signed state of a registry: the timestamp is valid for a day, the snapshot for a week, and clients limit the age "
            + "of bundles. Run it daily, for example by a timer.") { registry, json };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            using RegistryOperator registered = await MarketplaceOptions.OpenAsync(context, parsed.GetRequiredValue(registry))
                .ConfigureAwait(false);
            RegistryRenewal renewal = await registered.RenewAsync(context.Cancellation).ConfigureAwait(false);
            string refused = string.Concat(renewal.Refused.Select(reason => "\n  " + reason));
            said.Say(string.Create(CultureInfo.InvariantCulture,
                $"{registered.Root.Registry}: snapshot, timestamp and {renewal.Bundles} bundles renewed{refused}"), line =>
            {
                line.WriteString("registry", registered.Root.Registry);
                line.WriteNumber("bundles", renewal.Bundles);
                line.WriteTexts("refused", renewal.Refused);
            });
            return renewal.Refused.Count == 0 ? ExitCode.Ok : ExitCode.No;
        });
        return command;
    }
}
