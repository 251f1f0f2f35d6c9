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
                $"Goes back to what the workspace consisted of before the last change; a second time goes forth again. "
                + $"{WorkspaceManifest.FileName} stays as it is."));
        command.SetAction(async (parsed, _) =>
        {
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            if (session.Folder.ReadPrevious() is null || session.Folder.ReadLock() is null)
            {
                throw new CliException("The workspace has not been changed yet, so there is nothing to go back to", ExitCode.No);
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
        using LineWriter lines = new(context.Output);
        WorkspaceText.WriteRolledBack(lines, change, now, isJson);
        if (!isJson && !now.IsFor(session.Manifest.Requirements))
        {
            lines.WriteLine(
                $"{WorkspaceManifest.FileName} asks for something else than this was made for: restore it as well, or the next install "
                + "goes forth again.");
        }

        return ExitCode.Ok;
    }
}
