using Estream.Marketplace.Server.Moderation;

namespace Estream.Marketplace.Server.Submission;

/// <summary>The answer to an accepted submission. Immutable.</summary>
/// <param name="Outcome"><c>published</c>, <c>pending</c> or <c>unchanged</c>.</param>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="Release">The digest of the release.</param>
/// <param name="LogIndex">The index of its entry in the log; null while it is pending.</param>
/// <param name="Reasons">Why it is pending.</param>
internal sealed record SubmissionAnswer(string Outcome, string Name, string Version, string Release, long? LogIndex,
    IReadOnlyList<string> Reasons);

/// <summary>What the author of a submission sees. Immutable.</summary>
/// <param name="Release">The digest of the release.</param>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="State"><c>pending</c>, <c>published</c> or <c>rejected</c>.</param>
/// <param name="Checks">The results of the checks.</param>
/// <param name="Reasons">Why it is not published.</param>
/// <param name="Rejection">The note of the moderator who rejected it; null if none did.</param>
internal sealed record SubmissionStatus(string Release, string Name, string Version, string State, IReadOnlyList<QueueCheck> Checks,
    IReadOnlyList<string> Reasons, string? Rejection);

/// <summary>The answer to a request, kept for its Idempotency-Key. Immutable.</summary>
/// <param name="Status">The status.</param>
/// <param name="Location">The header Location; null for none.</param>
/// <param name="Answer">The body of an accepted submission.</param>
/// <param name="Fault">The fault of a refused submission.</param>
internal sealed record SubmissionResult(int Status, string? Location, SubmissionAnswer? Answer, SubmissionFault? Fault)
{
    public static SubmissionResult Of(SubmissionFault fault) => new(fault.Status, null, null, fault);
}
