using System.Collections.Concurrent;
using System.Text;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Messages = Estream.Marketplace.Releases;

namespace Estream.Marketplace.Governance;

/// <summary>
/// The governance circuit <c>estream.marketplace.release.publish.v1</c>, which decides releases of every category. Its file defines all
/// rules, including the checks that each category requires; no node is bound to code. Thread-safe.
/// </summary>
public static class ReleasePublishCircuit
{
    /// <summary>The name of the circuit.</summary>
    public const string Name = "estream.marketplace.release.publish.v1";

    // The maximum number of entries in a list of the request. This is enough for display, and a single entry already affects the decision.
    private const int MaxListed = 32;
    private const int MaxRequestBytes = 32 << 10;
    private const int DigestBytes = 32;

    private static readonly Lazy<Circuit> s_circuit = new(() => GovernanceFiles.Read("release-publish"));
    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> s_required = new(StringComparer.Ordinal);

    /// <summary>The circuit embedded in this program.</summary>
    public static Circuit Circuit => s_circuit.Value;

    /// <summary>Decides a release. Stateless: the same findings give the same decision.</summary>
    /// <param name="findings">The findings about the release.</param>
    /// <exception cref="Core.EstreamException">The queues in the directory for temporary files cannot be written.</exception>
    /// <exception cref="ArgumentException">A text exceeds the limits of the circuit's messages.</exception>
    /// <remarks>Creates temporary queues and deletes them afterwards.</remarks>
    public static ReleaseDecision Decide(ReleaseFindings findings) => Decide(Circuit, findings);

    /// <summary>Returns the checks that a category requires, in the order of <see cref="ReleaseChecks.All"/>. Lets the circuit decide once
    /// per check, with only that check missing. So the circuit's file remains the only definition of the required checks.</summary>
    /// <param name="category">The category; an unknown category requires all checks.</param>
    /// <remarks>The first call for a category costs as much as a decision.</remarks>
    public static IReadOnlyList<string> RequiredChecks(string category)
    {
        ArgumentNullException.ThrowIfNull(category);
        return s_required.GetOrAdd(category, static name => AskRequired(Circuit, name));
    }

    internal static IReadOnlyList<string> AskRequired(Circuit circuit, string category)
    {
        using CircuitTrial trial = new(circuit);
        foreach (string missing in ReleaseChecks.All)
        {
            trial.Append("request", Write(new ReleaseFindings
            {
                Name = missing,
                Version = "1.0.0",
                Category = category,
                ReleaseDigest = new byte[DigestBytes],
                Checks = ReleaseChecks.All.Where(check => check != missing).ToDictionary(check => check, _ => CheckOutcome.Passed),
                ApprovalsRequired = 0,
                Approvals = 0,
                IsPatch = false,
                NewDependencies = [],
                NewPermissions = [],
                PublishedToday = 0,
                MostADay = 1,
                IsFirst = false,
                AlikeNames = [],
            }));
        }

        // A check is required unless the circuit approves without it.
        HashSet<string> needless = [];
        foreach (CircuitTrialMessage made in trial.Run().Outputs["decision"])
        {
            Messages.ReleasePublishDecision.View decision = Messages.ReleasePublishDecision.View.Of(made.Message.Span);
            if (decision.Verdict == Messages.PublishVerdict.Approved)
            {
                _ = needless.Add(Encoding.UTF8.GetString(decision.Name));
            }
        }

        return [.. ReleaseChecks.All.Where(check => !needless.Contains(check))];
    }

    internal static ReleaseDecision Decide(Circuit circuit, ReleaseFindings findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        using CircuitTrial trial = new(circuit);
        trial.Append("request", Write(findings));
        CircuitTrialResult result = trial.Run();
        foreach (CircuitTrialMessage made in result.Outputs["decision"])
        {
            Messages.ReleasePublishDecision.View decision = Messages.ReleasePublishDecision.View.Of(made.Message.Span);
            return decision.ReleaseDigest.SequenceEqual(findings.ReleaseDigest.Span)
                ? new ReleaseDecision((PublishVerdict)(int)decision.Verdict, decision.CheckFailed, decision.CheckMissing,
                    decision.NewInPatch, decision.RateExceeded, decision.NameAlike, decision.ApprovalsMissing, null)
                : Undecided("its decision is for another release");
        }

        // If the circuit made no decision, the release is pending.
        return Undecided(result.Rejected.Count > 0 ? result.Rejected[0] : "it made no decision");
    }

    private static ReleaseDecision Undecided(string reason) => new(PublishVerdict.Pending, false, true, false, false, false, false, reason);

    /// <summary>Writes the request message of the circuit.</summary>
    internal static byte[] Write(ReleaseFindings findings)
    {
        byte[] room = new byte[MaxRequestBytes];
        Messages.ReleasePublishRequest.Writer request = Messages.ReleasePublishRequest.Write(room);
        request.SetName(findings.Name);
        request.SetVersion(findings.Version);
        request.SetCategory(findings.Category);
        request.SetReleaseDigest(findings.ReleaseDigest.Span);
        request.SignatureCheck = Of(findings, ReleaseChecks.Signature);
        request.FilesCheck = Of(findings, ReleaseChecks.Files);
        request.VersionCheck = Of(findings, ReleaseChecks.Version);
        request.ChangesCheck = Of(findings, ReleaseChecks.Changes);
        request.VectorsCheck = Of(findings, ReleaseChecks.Vectors);
        request.BuildCheck = Of(findings, ReleaseChecks.Build);
        request.WidgetCheck = Of(findings, ReleaseChecks.Widget);
        request.ScannersRequired = (uint)findings.Scanners.Count;
        request.ScannersPassed = (uint)findings.Scanners.Values.Count(outcome => outcome == CheckOutcome.Passed);
        request.ScannersFailed = (uint)findings.Scanners.Values.Count(outcome => outcome == CheckOutcome.Failed);
        request.ApprovalsRequired = (uint)findings.ApprovalsRequired;
        request.Approvals = (uint)findings.Approvals;
        request.IsPatch = findings.IsPatch;
        var dependencies = request.BeginNewDependencies();
        foreach (string dependency in findings.NewDependencies.Take(MaxListed))
        {
            dependencies.Add(Encoding.UTF8.GetBytes(dependency));
        }

        request.EndNewDependencies(in dependencies);
        var permissions = request.BeginNewPermissions();
        foreach (string permission in findings.NewPermissions.Take(MaxListed))
        {
            permissions.Add(Encoding.UTF8.GetBytes(permission));
        }

        request.EndNewPermissions(in permissions);
        request.PublishedToday = (uint)findings.PublishedToday;
        request.MostADay = (uint)findings.MostADay;
        request.IsFirst = findings.IsFirst;
        var alike = request.BeginAlikeNames();
        foreach (string name in findings.AlikeNames.Take(MaxListed))
        {
            alike.Add(Encoding.UTF8.GetBytes(name));
        }

        request.EndAlikeNames(in alike);
        return room[..request.Length];
    }

    private static Messages.CheckOutcome Of(ReleaseFindings findings, string check) =>
        (Messages.CheckOutcome)(int)findings.Checks.GetValueOrDefault(check);
}
