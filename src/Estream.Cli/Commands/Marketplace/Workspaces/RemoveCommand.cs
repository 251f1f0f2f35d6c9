using System.CommandLine;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace remove`: removes components, and the dependencies that only they needed.</summary>
internal static class RemoveCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> components = MarketplaceOptions.WithoutOptions(new Argument<string[]>("COMPONENT")
        {
            Description = "Components that the workspace asks for.",
            Arity = ArgumentArity.OneOrMore,
        });
        Option<bool> approved = InstallCommand.Approval();
        WorkspaceOptions options = new();
        InstalledComponents.Complete(components, options);
        Command command = options.On(
            new Command("remove", "Asks for components no more. What nothing else needs goes with them.") { components, approved });
        command.SetAction(async (parsed, _) =>
        {
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            string text = session.Text;
            foreach (ComponentName name in parsed.GetRequiredValue(components).Select(WorkspaceSession.Name).Distinct())
            {
                text = session.Manifest.Requirements.Any(requirement => requirement.Name == name)
                    ? WorkspaceManifestEditor.Remove(text, name)
                    ?? throw new CliException(
                        $"[components] of {WorkspaceManifest.FileName} is written in a form that is not changed here. Remove {name} there "
                        + "yourself, and install")
                    : throw new CliException(
                        $"{WorkspaceManifest.FileName} does not ask for {name}: what is there because of others goes with them",
                        ExitCode.No);
            }

            WorkspaceManifest manifest = WorkspaceSession.Parse(text);
            return await new WorkspaceRun(context, session, parsed.GetValue(approved), parsed.GetValue(options.Json))
                .RunAsync(progress => session.Client.PlanAsync(manifest, null, progress, context.Cancellation), text).ConfigureAwait(false);
        });
        return command;
    }
}
