using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>What a workspace is to become, everything verified, and what a person has to approve of it; or why it cannot.
/// Immutable.</summary>
public sealed class WorkspacePlan
{
    private WorkspacePlan(WorkspacePlanStatus status, string message) => (Status, Message) = (status, message);

    internal WorkspacePlan(WorkspaceLock next, WorkspaceChange change, IEnumerable<RegistryRelease> chosen) =>
        (Next, Change, Message, Notices) = (next, change, "", [.. chosen.SelectMany(NoticesOf)]);

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

    /// <summary>What their owners have said since of releases that are taken all the same: that one is better not used any more, or was
    /// taken back and stays because the lock has it. A line each; written by others.</summary>
    public IReadOnlyList<string> Notices { get; } = [];

    private static IEnumerable<string> NoticesOf(RegistryRelease release) =>
    [
        .. release.YankReason is { } taken
            ? [$"{release} was taken back, and stays because {WorkspaceLock.FileName} has it: {taken}"]
            : Array.Empty<string>(),
        .. release.Deprecation is { } better ? [$"{release} is deprecated: {better}"] : Array.Empty<string>(),
    ];

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
