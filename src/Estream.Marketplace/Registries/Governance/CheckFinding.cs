using Estream.Circuits.Governance;

namespace Estream.Marketplace.Governance;

/// <summary>What came of a check of a release. Immutable.</summary>
/// <param name="Name">Which check: one of <see cref="ReleaseChecks"/>, or a scanner as <c>scanner:clamav</c>.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Reason">In words, for people; empty where it passed and there is nothing to say.</param>
public sealed record CheckFinding(string Name, CheckOutcome Outcome, string Reason);
