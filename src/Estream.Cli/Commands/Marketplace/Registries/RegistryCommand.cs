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
            "Begins a registry and looks after it. Its folder has the keys in keys/, and in public/ what any web server can serve.")
    {
        CreateNew(context),
        CreateRenew(context),
        RegistryPolicyCommand.Create(context),
        RegistryRotateCommand.Create(context),
        SignedEntryFile.CreateTake(context),
    };

    private static Command CreateNew(CliContext context)
    {
        Argument<string> folder = new("FOLDER") { Description = "A folder that is empty or not there." };
        Option<string> name = SharedOptions.Required("--name", "NAME",
            "What the registry is called, for good: a host and a path, such as components.example.org/main. Its log has this origin.");
        Option<bool> json = SharedOptions.Json();
        Command command = new(
            "create",
            "Begins a registry: a key for each role, a first root, a policy by which owners of namespaces publish in every category and "
            + "nobody has to approve (change it with 'registry policy'), and an empty log. "
            + "Take keys/root.key and keys/targets.key away to where no network is; every day only the other three are needed. "
            + "public/roles/1.root.json is what people need once, from you and not from the registry, to trust it.")
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
            said.Say($"{called} begins in {path}. Trust in it begins with {root}; take {Path.Combine(path, "keys", "root.key")} and "
                + "targets.key to where no network is.", line =>
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
            "Renews what has an age: the timestamp counts for a day, the snapshot for a week, and bundles are taken by their age. To be "
            + "said once a day, by a timer of the system.") { registry, json };
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
