using Estream.Circuits.Governance;

namespace Estream.Marketplace.Governance;

/// <summary>What was decided about a release, by whom it was checked, and why. Immutable.</summary>
/// <param name="Verdict">Whether it is published, waits, or is refused.</param>
/// <param name="Checks">What came of every check, those that its category does not require among them.</param>
/// <param name="Approvals">Reviewers that have approved, each once.</param>
/// <param name="ApprovalsRequired">How many have to.</param>
/// <param name="Reasons">Every reason why it is not published yet, in words; empty where it is.</param>
public sealed record PublishDecision(PublishVerdict Verdict, IReadOnlyList<CheckFinding> Checks, int Approvals, int ApprovalsRequired, IReadOnlyList<string> Reasons);
