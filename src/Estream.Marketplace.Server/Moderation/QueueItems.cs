namespace Estream.Marketplace.Server.Moderation;

/// <summary>A submission in the moderation queue. Immutable.</summary>
/// <param name="Id">The digest of the release.</param>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="Category">The category of the component.</param>
/// <param name="Submitter">The name of the token that submitted it.</param>
/// <param name="Received">When it was received.</param>
/// <param name="State"><c>pending</c>, <c>published</c> or <c>rejected</c>.</param>
/// <param name="IsFlagged">Whether a moderator marked it for review, so that a retry skips it.</param>
/// <param name="Approvals">The number of approvals.</param>
/// <param name="ApprovalsRequired">The number of approvals that the policy requires.</param>
internal sealed record QueueItem(string Id, string Name, string Version, string Category, string Submitter, DateTimeOffset Received,
    string State, bool IsFlagged, int Approvals, int ApprovalsRequired);

/// <summary>The result of a check. Immutable.</summary>
/// <param name="Check">The check or the scanner.</param>
/// <param name="Outcome"><c>passed</c>, <c>failed</c>, <c>error</c> or <c>pending</c>.</param>
/// <param name="Reason">Why; empty if it passed.</param>
internal sealed record QueueCheck(string Check, string Outcome, string Reason);

/// <summary>A finding of a check in a file. Immutable.</summary>
internal sealed record QueueFinding(string Check, string File, int Line, string Text);

/// <summary>The difference to the previous release. Immutable.</summary>
/// <param name="Previous">The version of the previous release; null for the first.</param>
/// <param name="Files">The changed files.</param>
/// <param name="Permissions">The changed permissions.</param>
/// <param name="Dependencies">The changed dependencies with their ranges.</param>
internal sealed record QueueDifference(string? Previous, SetDifference Files, SetDifference Permissions, SetDifference Dependencies);

/// <summary>What was added, removed and changed. Immutable.</summary>
internal sealed record SetDifference(IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Changed)
{
    /// <summary>Compares two sets of named values.</summary>
    public static SetDifference Of(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) => new(
        [.. after.Keys.Where(key => !before.ContainsKey(key)).Order(StringComparer.Ordinal)],
        [.. before.Keys.Where(key => !after.ContainsKey(key)).Order(StringComparer.Ordinal)],
        [.. after.Where(pair => before.TryGetValue(pair.Key, out string? old) && old != pair.Value).Select(pair => pair.Key)
            .Order(StringComparer.Ordinal)]);
}

/// <summary>An act of a moderator. Immutable.</summary>
internal sealed record QueueDecision(DateTimeOffset At, string Moderator, string Action, string Note);

/// <summary>A submission with everything that a moderator needs. Immutable.</summary>
/// <param name="Item">The submission.</param>
/// <param name="Checks">The results of checks and scanners.</param>
/// <param name="Reasons">Why it is not published.</param>
/// <param name="Findings">The findings in files.</param>
/// <param name="Difference">The difference to the previous release; null if the submission is not pending.</param>
/// <param name="Approval">The document that a reviewer signs, as base64; null if the submission is not pending.</param>
/// <param name="Decisions">The acts of moderators.</param>
internal sealed record QueueDetail(QueueItem Item, IReadOnlyList<QueueCheck> Checks, IReadOnlyList<string> Reasons,
    IReadOnlyList<QueueFinding> Findings, QueueDifference? Difference, string? Approval, IReadOnlyList<QueueDecision> Decisions);

/// <summary>A page of the queue. Immutable.</summary>
internal sealed record QueuePage(IReadOnlyList<QueueItem> Items, string? Next);

/// <summary>The body of approve: a note, and the DSSE envelope of the approval.</summary>
internal sealed record ApproveRequest(string? Note, System.Text.Json.JsonElement? Approval);

/// <summary>The body of reject.</summary>
internal sealed record RejectRequest(string? Note);

/// <summary>The answer to an approval while more are needed.</summary>
internal sealed record ApprovalProgress(int Approvals, int ApprovalsRequired, IReadOnlyList<string> Reasons);

/// <summary>The result of a rebuild of the catalogue.</summary>
internal sealed record ReindexResult(int Items);
