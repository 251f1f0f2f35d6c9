using System.CommandLine;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace yank` and `deprecate`: mark a published release.</summary>
internal static class MarkCommands
{
    public static Command CreateYank(CliContext context) => Create(
        context,
        "yank",
        "Yanks a release: version resolution skips it, but it can still be installed by exact version, and existing locks keep it. The "
        + "owners sign the entry, which stays in the log permanently.",
        "Undo the yank.",
        "The reason, shown to users.",
        (name, version, isTakenBack, reason) => new YankEntry(name, version, !isTakenBack, reason));

    public static Command CreateDeprecate(CliContext context) => Create(
        context,
        "deprecate",
        "Deprecates a release: users see a notice, but version resolution does not change. The owners sign the entry, which stays in the "
        + "log permanently.",
        "Undo the deprecation.",
        "The notice for users: the reason, and what to use instead.",
        (name, version, isTakenBack, message) => new DeprecationEntry(name, version, !isTakenBack, message));

    private static Command Create(CliContext context, string verb, string help, string undoHelp, string reasonHelp,
        Func<ComponentName, SemanticVersion, bool, string, LogEntry> entry)
    {
        Argument<string> release = new("RELEASE") { Description = "The release as NAME@VERSION, such as @acme/doors@1.2.0." };
        Option<string> reason = SharedOptions.Required("--reason", "TEXT", $"{reasonHelp} At most {LogEntry.MaxReasonLength} characters.");
        Option<string[]> keys = MarketplaceOptions.Keys("The key of an owner of the namespace.");
        Option<string?> registry = SignedEntryFile.Registry(), output = SignedEntryFile.Output();
        Option<bool> undo = new("--undo") { Description = undoHelp };
        Option<bool> json = SharedOptions.Json();
        Command command = new(verb, help) { release, reason, keys, registry, output, undo, json };
        command.SetAction(async (parsed, _) =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            (ComponentName name, SemanticVersion version) = MarketplaceOptions.Release(parsed.GetRequiredValue(release));
            LogEntry made = entry(name, version, parsed.GetValue(undo), Text(parsed.GetRequiredValue(reason)));
            if (SignedEntryFile.Choose(parsed.GetValue(registry), parsed.GetValue(output)) is { } file)
            {
                return SignedEntryFile.Write(said, file, parsed.GetRequiredValue(keys), _ => made);
            }

            PublishResult result = await RegistryOperation.SignedAsync(
                context, parsed.GetValue(registry)!, parsed.GetRequiredValue(keys),
                (registered, signers) => registered.MarkAsync(made.Sign(signers).ToJson(), null, context.Cancellation))
                    .ConfigureAwait(false);
            said.Say($"{name} {version}: {verb}{(parsed.GetValue(undo) ? " undone" : "")}", line =>
            {
                line.WriteString("name", name.ToString());
                line.WriteString("version", version.ToString());
                line.WriteString("mark", verb);
                line.WriteBoolean("undone", parsed.GetValue(undo));
                line.WriteString("outcome", result.Outcome.ToString());
            });
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Text(string text) => text.Length is > 0 and <= LogEntry.MaxReasonLength && !text.Any(char.IsControl)
        ? text
        : throw new CliException($"--reason takes 1 to {LogEntry.MaxReasonLength} characters on one line.");
}
