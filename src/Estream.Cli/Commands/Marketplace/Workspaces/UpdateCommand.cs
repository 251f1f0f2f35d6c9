using System.CommandLine;
using Estream.Marketplace;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace update`: updates components within the ranges of the workspace file.</summary>
internal static class UpdateCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> components = MarketplaceOptions.WithoutOptions(new Argument<string[]>("COMPONENT")
        {
            Description = "The components to update. Default: all components.",
            Arity = ArgumentArity.ZeroOrMore,
        });
        Option<bool> approved = InstallCommand.Approval();
        WorkspaceOptions options = new();
        InstalledComponents.Complete(components, options);
        Command command = options.On(
            new Command("update",
                "Updates components to the newest versions allowed by the workspace file. New permissions, and changed keys or registries, "
                + "need approval.") { components, approved });
        command.SetAction(async (parsed, _) =>
        {
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            HashSet<ComponentName> named = [.. (parsed.GetValue(components) ?? []).Select(WorkspaceSession.Name)];
            if (named.FirstOrDefault(name => session.Folder.ReadLock()?.Find(name) is null) is { } unknown)
            {
                throw new CliException($"{unknown} is not in the workspace. List its components with 'estream marketplace "
                    + "graph'.", ExitCode.No);
            }

            return await new WorkspaceRun(context, session, "update", parsed.GetValue(approved), parsed.GetValue(options.Json))
                .RunAsync(progress =>
                    session.Client.PlanAsync(session.Manifest, name => named.Count == 0 || named.Contains(name), progress,
                        context.Cancellation), null).ConfigureAwait(false);
        });
        return command;
    }
}
