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
/// Runs the checks of a release and has the governance circuit decide it. Every decision about a release is made by this class, whether for
/// a submission, a retry or an approval. A check that was not run has not passed. Thread-safe; holds no state.
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

        // A release that fails a check is not given to third-party scanners.
        bool isRefused = checks.Exists(check => check.Outcome == CheckOutcome.Failed);
        IReadOnlyList<CheckFinding> scans = candidate.NotLookedAt is { } why ? ScannerRun.NotRun(options, why)
            : isRefused ? ScannerRun.NotRun(options, "the release already failed another check")
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
            // The signatures of the owners were verified before.
            ReleaseChecks.Signature => new CheckFinding(check, CheckOutcome.Passed, ""),
            ReleaseChecks.Files => PackageChecks.Files(manifest, package),
            ReleaseChecks.Version => VersionOf(manifest.Version, candidate.Published),
            ReleaseChecks.Changes => candidate.Changes is null
                ? new CheckFinding(check, CheckOutcome.Error, candidate.ChangesFault ?? "it was not compared")
                : new CheckFinding(check, CheckOutcome.Passed, ""),
            ReleaseChecks.Vectors => PackageChecks.Vectors(manifest, package, options),
            ReleaseChecks.Build => PackageChecks.Build(package),
            ReleaseChecks.Widget => WidgetCheck.Run(manifest, package, candidate.Owners, candidate.Published),
            _ => new CheckFinding(check, CheckOutcome.NotRun, "this program does not know the check"),
        };
    }

    private static CheckFinding VersionOf(SemanticVersion version, IReadOnlyList<SemanticVersion> published) =>
        ReleaseChanges.InTheWay(version, published) is { } other
        ? new CheckFinding(ReleaseChecks.Version, CheckOutcome.Failed,
            $"{version} is not higher than {other}, which is published in the same major line: publish a higher version")
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
                $"a patch release adds dependencies or permissions ({string.Join(", ", added)}): have a reviewer approve it, "
                + "or publish it as a new minor version");
        }

        if (decision.RateExceeded)
        {
            reasons.Add(
                string.Create(CultureInfo.InvariantCulture,
                    $"its namespace has published {candidate.PublishedToday} releases in 24 hours, and the limit without "
                    + $"review is {options.MostADay}: have a reviewer approve it, or wait"));
        }

        if (decision.NameAlike)
        {
            int others = candidate.Alike.Count - MostAlike;
            string more = others > 0 ? string.Create(CultureInfo.InvariantCulture, $"; and {others} more") : "";
            reasons.Add(
                $"a new component could be mistaken for another ({string.Join("; ", candidate.Alike.Take(MostAlike))}{more}): have a "
                + "reviewer approve it, or choose another name");
        }

        if (decision.ApprovalsMissing)
        {
            int needed = Math.Max(candidate.Policy.Approvals, decision.NewInPatch || decision.RateExceeded || decision.NameAlike ? 1 : 0);
            string none = candidate.Policy.Reviewers.Count == 0 ? "; the registry's policy names none for this category" : "";
            reasons.Add(
                string.Create(CultureInfo.InvariantCulture,
                    $"{candidate.Approvals} of {needed} reviewers have approved the release "
                    + $"{candidate.Release.Statement.Digest()}{none}"));
        }

        if (decision.Fault is { } fault)
        {
            reasons.Add($"the circuit {ReleasePublishCircuit.Name} made no decision: {fault}");
        }

        return reasons;
    }

    private static string Word(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Failed => "failed",
        CheckOutcome.Error => "gave no result",
        _ => "was not run",
    };
}

/// <summary>The decision about a release, with its checks and reasons. Immutable.</summary>
/// <param name="Verdict">Whether the release is published, pending or rejected.</param>
/// <param name="Checks">The results of the required checks and of the scanners.</param>
/// <param name="Approvals">The number of distinct reviewers that have approved.</param>
/// <param name="ApprovalsRequired">The number of approvals that the policy requires.</param>
/// <param name="Reasons">Every reason why the release is not published, as text for display; empty if it is published.</param>
public sealed record PublishDecision(PublishVerdict Verdict, IReadOnlyList<CheckFinding> Checks, int Approvals, int ApprovalsRequired,
    IReadOnlyList<string> Reasons);

/// <summary>The result of a check of a release. Immutable.</summary>
/// <param name="Name">The check: one of <see cref="ReleaseChecks"/>, or a scanner as <c>scanner:clamav</c>.</param>
/// <param name="Outcome">The result.</param>
/// <param name="Reason">The reason, as text for display; empty if the check passed.</param>
public sealed record CheckFinding(string Name, CheckOutcome Outcome, string Reason);

/// <summary>A release to decide, with the facts that only its registry knows. Immutable.</summary>
/// <param name="Release">The release; the signatures of its owners were verified.</param>
/// <param name="Owners">The valid keys of its namespace.</param>
/// <param name="Policy">The signed policy of the registry for its category.</param>
/// <param name="Approvals">The number of distinct reviewers of the policy that have approved, not counting owners.</param>
/// <param name="Published">The versions of the component in the log.</param>
/// <param name="Changes">The changes since the release before; null if the two releases could not be compared.</param>
/// <param name="ChangesFault">Why the two releases could not be compared; null if they were.</param>
/// <param name="PublishedToday">The number of releases of its namespace in the last 24 hours.</param>
/// <param name="Alike">The components that the name of the release resembles; empty unless the release is the first version of its
/// component.</param>
/// <param name="NotLookedAt">Why the release cannot be checked now and stays pending; null if it can be checked.</param>
internal sealed record ReleaseCandidate(
    SignedRelease Release, IReadOnlyList<DocumentKey> Owners, CategoryPolicy Policy, int Approvals,
    IReadOnlyList<SemanticVersion> Published, ReleaseChanges? Changes, string? ChangesFault, int PublishedToday,
    IReadOnlyList<NameSimilarity> Alike, string? NotLookedAt);
