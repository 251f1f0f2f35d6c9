using System.CommandLine;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace remove`: removes components, and dependencies that no other component needs.</summary>
internal static class RemoveCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> components = MarketplaceOptions.WithoutOptions(new Argument<string[]>("COMPONENT")
        {
            Description = "Components to remove from the workspace file.",
            Arity = ArgumentArity.OneOrMore,
        });
        Option<bool> approved = InstallCommand.Approval();
        WorkspaceOptions options = new();
        InstalledComponents.Complete(components, options);
        Command command = options.On(
            new Command("remove", "Removes components from a workspace, and dependencies that no other component "
                + "needs.") { components, approved });
        command.SetAction(async (parsed, _) =>
        {
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            string text = session.Text;
            foreach (ComponentName name in parsed.GetRequiredValue(components).Select(WorkspaceSession.Name).Distinct())
            {
                text = session.Manifest.Requirements.Any(requirement => requirement.Name == name)
                    ? WorkspaceManifestEditor.Remove(text, name)
                    ?? throw new CliException(
                        $"[components] of {WorkspaceManifest.FileName} is written in a form that this command cannot edit. Remove {name} "
                        + "yourself, then run 'estream marketplace install'.")
                    : throw new CliException(
                        $"{WorkspaceManifest.FileName} does not contain {name}. A dependency is removed with the components that need it.",
                        ExitCode.No);
            }

            WorkspaceManifest manifest = WorkspaceSession.Parse(text);
            return await new WorkspaceRun(context, session, "remove", parsed.GetValue(approved), parsed.GetValue(options.Json))
                .RunAsync(progress => session.Client.PlanAsync(manifest, null, progress, context.Cancellation), text).ConfigureAwait(false);
        });
        return command;
    }
}
