using System.Globalization;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Names;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Governance;

/// <summary>
/// Has a release looked at, and the governance circuit decide about it. It is the one way to a decision: whoever publishes, retries or
/// approves comes here, and what was not looked at has not passed. Thread-safe; holds no state.
/// </summary>
internal sealed class PublishGate(PublishOptions options)
{
    private const int MostAlike = 3;

    public async Task<PublishDecision> DecideAsync(ReleaseCandidate candidate, CancellationToken cancellation)
    {
        ComponentManifest manifest = candidate.Release.Manifest;
        IReadOnlyList<string> required = ReleasePublishCircuit.RequiredChecks(ComponentCategories.NameOf(manifest.Category));
        List<CheckFinding> checks = [];
        foreach (string check in required)
        {
            checks.Add(candidate.NotLookedAt is { } busy ? new CheckFinding(check, CheckOutcome.NotRun, busy) : Look(check, candidate));
        }

        // What fails here is not given to programs of others.
        bool isRefused = checks.Exists(check => check.Outcome == CheckOutcome.Failed);
        IReadOnlyList<CheckFinding> scans = candidate.NotLookedAt is { } why ? ScannerRun.NotRun(options, why)
            : isRefused ? ScannerRun.NotRun(options, "the release is refused without it")
            : await ScannerRun.RunAsync(options, candidate.Release.Bytes, cancellation).ConfigureAwait(false);
        ReleaseDecision decision = ReleasePublishCircuit.Decide(FindingsOf(candidate, checks, scans));
        CheckFinding[] all = [.. checks, .. scans];
        return new PublishDecision(decision.Verdict, all, candidate.Approvals, candidate.Policy.Approvals,
            decision.Verdict == PublishVerdict.Approved ? [] : ReasonsOf(decision, candidate, all));
    }

    private CheckFinding Look(string check, ReleaseCandidate candidate)
    {
        ComponentManifest manifest = candidate.Release.Manifest;
        Package package = candidate.Release.Package;
        return check switch
        {
            // Nothing comes here that its owners have not signed.
            ReleaseChecks.Signature => new CheckFinding(check, CheckOutcome.Passed, ""),
            ReleaseChecks.Files => PackageChecks.Files(manifest, package),
            ReleaseChecks.Version => VersionOf(manifest.Version, candidate.Published),
            ReleaseChecks.Changes => candidate.Changes is null
                ? new CheckFinding(check, CheckOutcome.Error, candidate.ChangesFault ?? "nobody has compared it")
                : new CheckFinding(check, CheckOutcome.Passed, ""),
            ReleaseChecks.Vectors => PackageChecks.Vectors(manifest, package, options),
            ReleaseChecks.Build => PackageChecks.Build(package),
            ReleaseChecks.Widget => WidgetCheck.Run(manifest, package, candidate.Owners, candidate.Published),
            _ => new CheckFinding(check, CheckOutcome.NotRun, "this program does not know how"),
        };
    }

    private static CheckFinding VersionOf(SemanticVersion version, IReadOnlyList<SemanticVersion> published) =>
        ReleaseChanges.InTheWay(version, published) is { } other
        ? new CheckFinding(ReleaseChecks.Version, CheckOutcome.Failed,
            $"{version} does not come behind {other}, which is published in the same major line: publish a higher one")
        : new CheckFinding(ReleaseChecks.Version, CheckOutcome.Passed, "");

    private ReleaseFindings FindingsOf(ReleaseCandidate candidate, IEnumerable<CheckFinding> checks, IEnumerable<CheckFinding> scans) =>
        new()
    {
        Name = candidate.Release.Manifest.Name.ToString(),
        Version = candidate.Release.Manifest.Version.ToString(),
        Category = ComponentCategories.NameOf(candidate.Release.Manifest.Category),
        ReleaseDigest = Convert.FromHexString(candidate.Release.Statement.Digest()),
        Checks = checks.ToDictionary(check => check.Name, check => check.Outcome, StringComparer.Ordinal),
        Scanners = scans.ToDictionary(scan => scan.Name, scan => scan.Outcome, StringComparer.Ordinal),
        ApprovalsRequired = candidate.Policy.Approvals,
        Approvals = candidate.Approvals,
        IsPatch = candidate.Changes?.IsPatch ?? false,
        NewDependencies = candidate.Changes?.NewDependencies ?? [],
        NewPermissions = candidate.Changes?.NewPermissions ?? [],
        PublishedToday = candidate.PublishedToday,
        MostADay = options.MostADay,
        IsFirst = candidate.Published.Count == 0,
        AlikeNames = [.. candidate.Alike.Select(similar => similar.Other.ToString()).Distinct(StringComparer.Ordinal)],
    };

    private List<string> ReasonsOf(ReleaseDecision decision, ReleaseCandidate candidate, IEnumerable<CheckFinding> checks)
    {
        List<string> reasons = [.. checks.Where(check => check.Outcome != CheckOutcome.Passed)
            .Select(check => $"{check.Name} {Word(check.Outcome)}: {check.Reason}")];
        if (decision.NewInPatch)
        {
            string[] added =
            [
                .. candidate.Changes!.NewDependencies.Select(name => "needs " + name),
                .. candidate.Changes.NewPermissions.Select(name => "may " + name),
            ];
            reasons.Add(
                $"a patch release brings along what the one before did not have ({string.Join(", ", added)}): have a reviewer look at it, "
                + "or publish it as another minor version");
        }

        if (decision.RateExceeded)
        {
            reasons.Add(
                string.Create(CultureInfo.InvariantCulture,
                    $"its namespace has published {candidate.PublishedToday} releases in 24 hours, and {options.MostADay} are taken "
                    + $"without anybody looking: have a reviewer look at it, or wait"));
        }

        if (decision.NameAlike)
        {
            int others = candidate.Alike.Count - MostAlike;
            string more = others > 0 ? string.Create(CultureInfo.InvariantCulture, $"; and {others} more") : "";
            reasons.Add(
                $"a new component could be taken for another one ({string.Join("; ", candidate.Alike.Take(MostAlike))}{more}): have a "
                + "reviewer look at it, or choose another name");
        }

        if (decision.ApprovalsMissing)
        {
            int needed = Math.Max(candidate.Policy.Approvals, decision.NewInPatch || decision.RateExceeded || decision.NameAlike ? 1 : 0);
            string none = candidate.Policy.Reviewers.Count == 0 ? "; the registry's policy names none for this category" : "";
            reasons.Add(
                string.Create(CultureInfo.InvariantCulture,
                    $"{candidate.Approvals} of {needed} reviewers have approved of the release "
                    + $"{candidate.Release.Statement.Digest()}{none}"));
        }

        if (decision.Fault is { } fault)
        {
            reasons.Add($"the circuit {ReleasePublishCircuit.Name} has decided nothing: {fault}");
        }

        return reasons;
    }

    private static string Word(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Failed => "says no",
        CheckOutcome.Error => "could not say",
        _ => "was not run",
    };
}

/// <summary>What was decided about a release, by whom it was checked, and why. Immutable.</summary>
/// <param name="Verdict">Whether it is published, waits, or is refused.</param>
/// <param name="Checks">What came of every check, those that its category does not require among them.</param>
/// <param name="Approvals">Reviewers that have approved, each once.</param>
/// <param name="ApprovalsRequired">How many have to.</param>
/// <param name="Reasons">Every reason why it is not published yet, in words; empty where it is.</param>
public sealed record PublishDecision(PublishVerdict Verdict, IReadOnlyList<CheckFinding> Checks, int Approvals, int ApprovalsRequired,
    IReadOnlyList<string> Reasons);

/// <summary>What came of a check of a release. Immutable.</summary>
/// <param name="Name">Which check: one of <see cref="ReleaseChecks"/>, or a scanner as <c>scanner:clamav</c>.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Reason">In words, for people; empty where it passed and there is nothing to say.</param>
public sealed record CheckFinding(string Name, CheckOutcome Outcome, string Reason);

/// <summary>A release that is decided about, with what only its registry knows. Immutable.</summary>
/// <param name="Release">The release, signed by the owners of its namespace: that was verified.</param>
/// <param name="Owners">The keys of its namespace that count.</param>
/// <param name="Policy">What the signed policy of the registry says of its category.</param>
/// <param name="Approvals">Reviewers of the policy that have approved of it, each once, and none of its owners.</param>
/// <param name="Published">The versions of the component that are in the log.</param>
/// <param name="Changes">What it brings along; null where it could not be compared.</param>
/// <param name="ChangesFault">Why it could not.</param>
/// <param name="PublishedToday">Releases of its namespace in the 24 hours before.</param>
/// <param name="Alike">What its name could be taken for; nothing where it is no first version.</param>
/// <param name="NotLookedAt">Why nobody can look at it now, and it waits; null where it is looked at.</param>
internal sealed record ReleaseCandidate(
    SignedRelease Release, IReadOnlyList<DocumentKey> Owners, CategoryPolicy Policy, int Approvals,
    IReadOnlyList<SemanticVersion> Published, ReleaseChanges? Changes, string? ChangesFault, int PublishedToday,
    IReadOnlyList<NameSimilarity> Alike, string? NotLookedAt);
