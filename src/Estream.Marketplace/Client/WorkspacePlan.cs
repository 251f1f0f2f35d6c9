using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>What a workspace is to become, everything verified, and what a person has to approve of it; or why it cannot. Immutable.</summary>
public sealed class WorkspacePlan
{
    private WorkspacePlan(WorkspacePlanStatus status, string message) => (Status, Message) = (status, message);

    internal WorkspacePlan(WorkspaceLock next, WorkspaceChange change) => (Next, Change, Message) = (next, change, "");

    /// <summary>How planning ended.</summary>
    public WorkspacePlanStatus Status { get; }

    /// <summary>Whether it can be applied.</summary>
    [MemberNotNullWhen(true, nameof(Next), nameof(Change))]
    public bool IsReady => Status == WorkspacePlanStatus.Ready;

    /// <summary>Why it cannot, and what to do; of several lines where components conflict. Empty where it can.</summary>
    public string Message { get; }

    /// <summary>What the workspace is to consist of.</summary>
    public WorkspaceLock? Next { get; }

    /// <summary>What changes by it.</summary>
    public WorkspaceChange? Change { get; }

    internal static WorkspacePlan Failed(WorkspacePlanStatus status, string message) => new(status, message);
}

/// <summary>How planning ended.</summary>
public enum WorkspacePlanStatus
{
    /// <summary>There is a set, and every release of it was verified.</summary>
    Ready,

    /// <summary>No versions go together.</summary>
    Conflict,

    /// <summary>A release that was chosen is not what its owners published, or not as the registry says it.</summary>
    Refused,

    /// <summary>The lock is not what the workspace asks for, and was not to be changed.</summary>
    LockOutdated,
}
