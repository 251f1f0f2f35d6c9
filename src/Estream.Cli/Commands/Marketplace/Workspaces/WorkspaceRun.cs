using Estream.Cli.Output;
using Estream.Marketplace.Client;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Plans a change of a workspace, shows it, applies it once approved, and records it. Shared by install, update and
/// remove.</summary>
internal sealed class WorkspaceRun(CliContext context, WorkspaceSession session, string action, bool isApproved, bool isJson)
{
    /// <summary>Plans the change, shows it, and applies it once approved.</summary>
    /// <param name="plan">Plans the change.</param>
    /// <param name="text">The new text of the workspace file, written after the components are installed; null to keep the file.</param>
    /// <returns>The exit code.</returns>
    public Task<int> RunAsync(Func<IProgress<InstallProgress>, Task<WorkspacePlan>> plan, string? text) =>
        WorkspaceRejection.AnswerAsync(context, isJson, () => PlanAndApplyAsync(plan, text));

    private async Task<int> PlanAndApplyAsync(Func<IProgress<InstallProgress>, Task<WorkspacePlan>> plan, string? text)
    {
        using InstallDisplay display = new(context, isJson);
        WorkspacePlan planned = await display.ShowAsync("verifying", plan).ConfigureAwait(false);
        if (!planned.IsReady)
        {
            return WorkspaceRejection.Say(context, isJson, StatusOf(planned.Status), planned.Message);
        }

        Task<WorkspaceInstallResult> ApplyAsync(bool isTaken) =>
            display.ShowAsync("installing", progress => session.Client.ApplyAsync(planned, isTaken, progress, context.Cancellation));
        WorkspaceInstallResult result = await ApplyAsync(isApproved).ConfigureAwait(false);
        bool isShown = result.Status == WorkspaceInstallStatus.NeedsApproval && !isJson && context.Confirm is not null;
        if (isShown && Ask(result.Change))
        {
            result = await ApplyAsync(true).ConfigureAwait(false);
        }

        if (result.Status == WorkspaceInstallStatus.Refused)
        {
            return WorkspaceRejection.Say(context, isJson, "refused", result.Message);
        }

        bool isDone = result.Status != WorkspaceInstallStatus.NeedsApproval;
        if (isDone && text is not null && text != session.Text)
        {
            session.Write(text);
        }

        if (isDone)
        {
            session.Record(context, action, result.Change);
        }

        using LineWriter lines = new(context.Output);
        WorkspaceText.WriteResult(lines, result, planned, isJson, isShown);
        return isDone ? ExitCode.Ok : ExitCode.No;
    }

    // Print the changes above the question.
    private bool Ask(WorkspaceChange change)
    {
        using (LineWriter lines = new(context.Output))
        {
            WorkspaceText.WriteChange(lines, change, isAsked: true);
        }

        return context.Confirm!("Approve all of this?");
    }

    private static string StatusOf(WorkspacePlanStatus status) => status switch
    {
        WorkspacePlanStatus.Conflict => "conflict",
        WorkspacePlanStatus.LockOutdated => "lock-outdated",
        _ => "refused",
    };
}
