using System.CommandLine;
using Estream.Cli.Output;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace rollback`: restores the components before the last change.</summary>
internal static class RollbackCommand
{
    public static Command Create(CliContext context)
    {
        WorkspaceOptions options = new();
        Command command = options.On(
            new Command("rollback",
                $"Restores the components before the last change; a second rollback undoes the first. {WorkspaceManifest.FileName} is not "
                + "changed."));
        command.SetAction(async (parsed, _) =>
        {
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            if (session.Folder.ReadPrevious() is null || session.Folder.ReadLock() is null)
            {
                throw new CliException("The workspace has no earlier state to roll back to.", ExitCode.No);
            }

            bool isJson = parsed.GetValue(options.Json);
            return await WorkspaceRejection.AnswerAsync(context, isJson, () => RunAsync(context, session, isJson)).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, WorkspaceSession session, bool isJson)
    {
        WorkspaceChange change = await session.Client.RollbackAsync(context.Cancellation).ConfigureAwait(false);
        WorkspaceLock now = session.Folder.ReadLock()!;
        session.Record(context, "rollback", change);
        using LineWriter lines = new(context.Output);
        WorkspaceText.WriteRolledBack(lines, change, now, isJson);
        if (!isJson && !now.IsFor(session.Manifest.Requirements))
        {
            lines.WriteLine(
                $"{WorkspaceManifest.FileName} does not match the restored components. Restore it too, or the next install undoes this "
                + "rollback.");
        }

        return ExitCode.Ok;
    }
}
