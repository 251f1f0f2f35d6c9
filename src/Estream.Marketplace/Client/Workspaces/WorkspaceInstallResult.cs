namespace Estream.Marketplace.Workspaces;

/// <summary>How an install ended.</summary>
public enum WorkspaceInstallStatus
{
    /// <summary>The workspace consists of what was asked for.</summary>
    Installed,

    /// <summary>It did before; every component is there, and nothing was written.</summary>
    Unchanged,

    /// <summary>A person has to approve something first; nothing was fetched or written.</summary>
    NeedsApproval,

    /// <summary>A component could not be had as the lock names it; the workspace is what it was.</summary>
    Refused,
}

/// <summary>What came of an install.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Change">What changes, or would.</param>
/// <param name="Message">Of what was refused: the component, why, and what to do; empty otherwise.</param>
public sealed record WorkspaceInstallResult(WorkspaceInstallStatus Status, WorkspaceChange Change, string Message);
