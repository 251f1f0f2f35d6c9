using System.Globalization;
using Estream.Circuits.Governance;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;

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
        return new PublishDecision(decision.Verdict, all, candidate.Approvals, candidate.Policy.Approvals, decision.Verdict == PublishVerdict.Approved ? [] : ReasonsOf(decision, candidate, all));
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
            ReleaseChecks.Changes => candidate.Changes is null ? new CheckFinding(check, CheckOutcome.Error, candidate.ChangesFault ?? "nobody has compared it") : new CheckFinding(check, CheckOutcome.Passed, ""),
            ReleaseChecks.Vectors => PackageChecks.Vectors(manifest, package, options),
            ReleaseChecks.Build => PackageChecks.Build(package),
            ReleaseChecks.Widget => WidgetCheck.Run(manifest, package, candidate.Owners, candidate.Published),
            _ => new CheckFinding(check, CheckOutcome.NotRun, "this program does not know how"),
        };
    }

    private static CheckFinding VersionOf(SemanticVersion version, IReadOnlyList<SemanticVersion> published) => ReleaseChanges.InTheWay(version, published) is { } other
        ? new CheckFinding(ReleaseChecks.Version, CheckOutcome.Failed, $"{version} does not come behind {other}, which is published in the same major line: publish a higher one")
        : new CheckFinding(ReleaseChecks.Version, CheckOutcome.Passed, "");

    private ReleaseFindings FindingsOf(ReleaseCandidate candidate, IEnumerable<CheckFinding> checks, IEnumerable<CheckFinding> scans) => new()
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
        AlikeNames = [.. candidate.Alike.Select(likeness => likeness.Other.ToString()).Distinct(StringComparer.Ordinal)],
    };

    private List<string> ReasonsOf(ReleaseDecision decision, ReleaseCandidate candidate, IEnumerable<CheckFinding> checks)
    {
        List<string> reasons = [.. checks.Where(check => check.Outcome != CheckOutcome.Passed).Select(check => $"{check.Name} {Word(check.Outcome)}: {check.Reason}")];
        if (decision.NewInPatch)
        {
            reasons.Add($"a patch release brings along what the one before did not have ({string.Join(", ", [.. candidate.Changes!.NewDependencies.Select(name => "needs " + name), .. candidate.Changes.NewPermissions.Select(name => "may " + name)])}): have a reviewer look at it, or publish it as another minor version");
        }

        if (decision.RateExceeded)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"its namespace has published {candidate.PublishedToday} releases in 24 hours, and {options.MostADay} are taken without anybody looking: have a reviewer look at it, or wait"));
        }

        if (decision.NameAlike)
        {
            reasons.Add($"a new component could be taken for another one ({string.Join("; ", candidate.Alike.Take(MostAlike))}{(candidate.Alike.Count > MostAlike ? string.Create(CultureInfo.InvariantCulture, $"; and {candidate.Alike.Count - MostAlike} more") : "")}): have a reviewer look at it, or choose another name");
        }

        if (decision.ApprovalsMissing)
        {
            int needed = Math.Max(candidate.Policy.Approvals, decision.NewInPatch || decision.RateExceeded || decision.NameAlike ? 1 : 0);
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{candidate.Approvals} of {needed} reviewers have approved of the release {candidate.Release.Statement.Digest()}{(candidate.Policy.Reviewers.Count == 0 ? "; the registry's policy names none for this category" : "")}"));
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
