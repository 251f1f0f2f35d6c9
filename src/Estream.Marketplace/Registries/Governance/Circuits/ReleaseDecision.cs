using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>The decision of <see cref="ReleasePublishCircuit"/> and its reasons. Immutable.</summary>
/// <param name="Verdict">Whether the release is published.</param>
/// <param name="CheckFailed">A check that the category requires or a scanner failed, or the category does not exist.</param>
/// <param name="CheckMissing">A check that the category requires or a scanner did not complete.</param>
/// <param name="NewInPatch">A patch release has more dependencies or permissions than the release before it.</param>
/// <param name="RateExceeded">The namespace publishes more releases a day than permitted without review.</param>
/// <param name="NameAlike">The first version of a component has a name that resembles a component of another owner.</param>
/// <param name="ApprovalsMissing">Fewer reviewers have approved than required.</param>
/// <param name="Fault">Why the circuit made no decision, in which case the release is pending; null if it decided.</param>
public sealed record ReleaseDecision(PublishVerdict Verdict, bool CheckFailed, bool CheckMissing, bool NewInPatch, bool RateExceeded,
    bool NameAlike, bool ApprovalsMissing, string? Fault);

/// <summary>The verdict about a release.</summary>
public enum PublishVerdict
{
    /// <summary>The release waits for a check to complete or for approvals. Also the default if nothing was decided.</summary>
    Pending,

    /// <summary>The release is published.</summary>
    Approved,

    /// <summary>The release is not published.</summary>
    Rejected,
}
