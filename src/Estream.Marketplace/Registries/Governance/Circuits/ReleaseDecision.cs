using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>What <see cref="ReleasePublishCircuit"/> has decided, and every reason why. Immutable.</summary>
/// <param name="Verdict">Whether it is published.</param>
/// <param name="CheckFailed">A check that its category requires, or a scanner, says no; or there is no such category.</param>
/// <param name="CheckMissing">A check that its category requires, or a scanner, did not come to its end.</param>
/// <param name="NewInPatch">A patch release needs more or may do more than the one before it.</param>
/// <param name="RateExceeded">Its namespace publishes more than it usually does.</param>
/// <param name="NameAlike">It is the first version of a component that could be taken for one of another owner by its name.</param>
/// <param name="ApprovalsMissing">Fewer reviewers have approved than have to.</param>
/// <param name="Fault">Why the circuit has decided nothing, and then it waits; null where it has.</param>
public sealed record ReleaseDecision(PublishVerdict Verdict, bool CheckFailed, bool CheckMissing, bool NewInPatch, bool RateExceeded,
    bool NameAlike, bool ApprovalsMissing, string? Fault);

/// <summary>What is decided about a release.</summary>
public enum PublishVerdict
{
    /// <summary>It waits: for a check that did not come to its end, or for approvals. Also what nobody decided.</summary>
    Pending,

    /// <summary>It is published.</summary>
    Approved,

    /// <summary>It is not published.</summary>
    Rejected,
}
