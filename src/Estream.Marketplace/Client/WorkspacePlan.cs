using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>The planned next state of a workspace, fully verified, and what a person must approve; or why planning failed.
/// Immutable.</summary>
public sealed class WorkspacePlan
{
    private WorkspacePlan(WorkspacePlanStatus status, string message) => (Status, Message) = (status, message);

    internal WorkspacePlan(WorkspaceLock next, WorkspaceChange change, IEnumerable<RegistryRelease> chosen) =>
        (Next, Change, Message, Notices) = (next, change, "", [.. chosen.SelectMany(NoticesOf)]);

    /// <summary>How planning ended.</summary>
    public WorkspacePlanStatus Status { get; }

    /// <summary>Whether the plan can be applied.</summary>
    [MemberNotNullWhen(true, nameof(Next), nameof(Change))]
    public bool IsReady => Status == WorkspacePlanStatus.Ready;

    /// <summary>Why the plan cannot be applied and what to do; several lines if components conflict. Empty if the plan is ready.</summary>
    public string Message { get; }

    /// <summary>The planned lock.</summary>
    public WorkspaceLock? Next { get; }

    /// <summary>The change from the current lock.</summary>
    public WorkspaceChange? Change { get; }

    /// <summary>Notices about chosen releases, one line each: deprecated releases, and yanked releases that stay because the lock has them.
    /// Contains text written by publishers.</summary>
    public IReadOnlyList<string> Notices { get; } = [];

    private static IEnumerable<string> NoticesOf(RegistryRelease release) =>
    [
        .. release.YankReason is { } taken
            ? [$"{release} is yanked, but stays because {WorkspaceLock.FileName} has it: {taken}"]
            : Array.Empty<string>(),
        .. release.Deprecation is { } better ? [$"{release} is deprecated: {better}"] : Array.Empty<string>(),
    ];

    internal static WorkspacePlan Failed(WorkspacePlanStatus status, string message) => new(status, message);
}

/// <summary>How planning ended.</summary>
public enum WorkspacePlanStatus
{
    /// <summary>A set of versions was found, and every release of it was verified.</summary>
    Ready,

    /// <summary>No set of versions satisfies all requirements.</summary>
    Conflict,

    /// <summary>A chosen release differs from what its owners published or from what the registry lists.</summary>
    Refused,

    /// <summary>The lock file is missing or does not match the workspace, and must not be changed.</summary>
    LockOutdated,
}
