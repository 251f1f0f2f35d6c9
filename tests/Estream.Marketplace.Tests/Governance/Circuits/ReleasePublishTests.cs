using Estream.Circuits;
using Estream.Marketplace.Governance;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The circuit for releases of every category approves only releases that passed all required checks.</summary>
public sealed class ReleasePublishTests
{
    private static readonly string[] s_categories =
        ["esf-schema", "smart-circuit", "wire-adapter", "fpga-circuit", "console-widget", "integration", "app", "skill", "theme", "plugin",
            "solution"];

    private static readonly Dictionary<string, CheckOutcome> s_passed =
        ReleaseChecks.All.ToDictionary(check => check, _ => CheckOutcome.Passed);

    public static TheoryData<string, string> Required => new()
    {
        { "esf-schema", "signature files version changes vectors" },
        { "smart-circuit", "signature files version changes vectors build" },
        { "wire-adapter", "signature files version changes build" },
        { "fpga-circuit", "signature files version changes vectors build" },
        { "console-widget", "signature files version changes widget" },
        { "integration", "signature files version changes" },
        { "app", "signature files version changes build" },
        { "skill", "signature files version changes" },
        { "theme", "signature files version changes" },
        { "plugin", "signature files version changes build" },
        { "solution", "signature files version changes" },
    };

    [Theory]
    [MemberData(nameof(Required))]
    public void Each_category_requires_its_named_checks(string category, string checks)
    {
        Assert.Equal(checks, string.Join(' ', ReleasePublishCircuit.RequiredChecks(category)));
        Assert.Equal(ReleaseChecks.All, ReleasePublishCircuit.RequiredChecks("game"));
    }

    [Fact]
    public void Release_is_approved_only_when_every_required_check_passed()
    {
        foreach (string category in (string[])["theme", "smart-circuit", "console-widget", "app"])
        {
            Assert.Equal(PublishVerdict.Approved, Decide(Good(category)).Verdict);
            foreach (string check in ReleaseChecks.All)
            {
                bool isRequired = ReleasePublishCircuit.RequiredChecks(category).Contains(check);
                foreach (CheckOutcome outcome in Enum.GetValues<CheckOutcome>())
                {
                    ReleaseDecision decision =
                        Decide(Good(category) with { Checks = new Dictionary<string, CheckOutcome>(s_passed) { [check] = outcome } });
                    PublishVerdict expected = !isRequired || outcome == CheckOutcome.Passed
                        ? PublishVerdict.Approved
                        : outcome == CheckOutcome.Failed ? PublishVerdict.Rejected : PublishVerdict.Pending;
                    Assert.Equal((expected, isRequired && outcome == CheckOutcome.Failed), (decision.Verdict, decision.CheckFailed));
                }
            }

            // A missing result is not a pass, even if the pipeline ran no check at all.
            Assert.Equal(PublishVerdict.Pending,
                Decide(Good(category) with { Checks = new Dictionary<string, CheckOutcome>(), Approvals = 9 }).Verdict);
        }
    }

    [Fact]
    public void Release_is_approved_only_when_every_scanner_passed()
    {
        Assert.Equal(PublishVerdict.Approved, Scanned(CheckOutcome.Passed, CheckOutcome.Passed));
        Assert.Equal(PublishVerdict.Pending, Scanned(CheckOutcome.Passed, CheckOutcome.Error));
        Assert.Equal(PublishVerdict.Pending, Scanned(CheckOutcome.NotRun));
        Assert.Equal(PublishVerdict.Rejected, Scanned(CheckOutcome.Failed, CheckOutcome.Error));
    }

    [Theory]
    [InlineData(0, 0, PublishVerdict.Approved)]
    [InlineData(1, 0, PublishVerdict.Pending)]
    [InlineData(2, 1, PublishVerdict.Pending)]
    [InlineData(2, 2, PublishVerdict.Approved)]
    [InlineData(2, 3, PublishVerdict.Approved)]
    public void Release_is_pending_until_it_has_the_required_approvals(int required, int given, PublishVerdict verdict)
    {
        ReleaseDecision decision = Decide(Good("theme") with { ApprovalsRequired = required, Approvals = given });
        Assert.Equal((verdict, verdict == PublishVerdict.Pending), (decision.Verdict, decision.ApprovalsMissing));
        Assert.Equal(PublishVerdict.Rejected,
            Decide(Good("theme") with
            {
                ApprovalsRequired = required,
                Approvals = given,
                Checks = new Dictionary<string, CheckOutcome>(s_passed) { [ReleaseChecks.Files] = CheckOutcome.Failed },
            }).Verdict);
    }

    [Fact]
    public void Patch_additions_rate_spikes_and_similar_names_need_review()
    {
        ReleaseFindings good = Good("skill");
        foreach ((ReleaseFindings findings, bool isPatch, bool isSpike, bool isAlike) in new[]
        {
            (good with { IsPatch = true, NewPermissions = ["network"] }, true, false, false),
            (good with { IsPatch = true, NewDependencies = ["@other/base"] }, true, false, false),
            (good with { PublishedToday = 5, MostADay = 5 }, false, true, false),
            (good with { IsFirst = true, AlikeNames = ["@acrne/doors"] }, false, false, true),
        })
        {
            ReleaseDecision decision = Decide(findings);
            Assert.Equal((PublishVerdict.Pending, isPatch, isSpike, isAlike, true),
                (decision.Verdict, decision.NewInPatch, decision.RateExceeded, decision.NameAlike, decision.ApprovalsMissing));
            Assert.Equal(PublishVerdict.Approved, Decide(findings with { Approvals = 1 }).Verdict);
            Assert.Equal(PublishVerdict.Pending, Decide(findings with { Approvals = 1, ApprovalsRequired = 2 }).Verdict);
        }

        Assert.Equal(PublishVerdict.Approved,
            Decide(good with { NewPermissions = ["network"], NewDependencies = ["@other/base"] }).Verdict);
        Assert.Equal(PublishVerdict.Approved, Decide(good with { IsPatch = true }).Verdict);
        Assert.Equal(PublishVerdict.Approved, Decide(good with { IsFirst = true }).Verdict);
        Assert.Equal(PublishVerdict.Approved, Decide(good with { AlikeNames = ["@acrne/doors"] }).Verdict);
        Assert.Equal(PublishVerdict.Pending,
            Decide(good with { IsFirst = true, AlikeNames = [.. Enumerable.Repeat(new string('n', 128), 1_000)] }).Verdict);
        Assert.Equal(PublishVerdict.Approved, Decide(good with { PublishedToday = 4, MostADay = 5 }).Verdict);
        Assert.Equal(PublishVerdict.Pending,
            Decide(good with { IsPatch = true, NewPermissions = [.. Enumerable.Repeat(new string('p', 300), 1_000)] }).Verdict);
    }

    [Fact]
    public void Unknown_category_is_never_approved()
    {
        Assert.All(s_categories, category => Assert.Equal(PublishVerdict.Approved, Decide(Good(category)).Verdict));
        Assert.Equal((PublishVerdict.Rejected, true), (Decide(Good("game")).Verdict, Decide(Good("game")).CheckFailed));
        Assert.Equal(ReleasePublishCircuit.Name, ReleasePublishCircuit.Circuit.Name);
        Assert.Equal(("Generic", 2), (ReleasePublishCircuit.Circuit.GovernanceCategory, ReleasePublishCircuit.Circuit.WitnessTier));
        Assert.DoesNotContain(ReleasePublishCircuit.Circuit.Nodes, node => node.IsBound);
    }

    [Fact]
    public void Findings_that_exceed_the_request_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Decide(Good("theme") with { Name = new string('a', 300) }));
        Assert.Throws<ArgumentException>(() => Decide(Good("theme") with { ReleaseDigest = new byte[31] }));
    }

    private static ReleaseFindings Good(string category) => new()
    {
        Name = "@acme/doors",
        Version = "1.0.1",
        Category = category,
        ReleaseDigest = Enumerable.Repeat((byte)7, 32).ToArray(),
        Checks = s_passed,
        ApprovalsRequired = 0,
        Approvals = 0,
        IsPatch = false,
        NewDependencies = [],
        NewPermissions = [],
        PublishedToday = 0,
        MostADay = 5,
        IsFirst = false,
        AlikeNames = [],
    };

    private static ReleaseDecision Decide(ReleaseFindings findings)
    {
        ReleaseDecision decision = ReleasePublishCircuit.Decide(findings);
        Assert.Null(decision.Fault);
        return decision;
    }

    private static PublishVerdict Scanned(params CheckOutcome[] outcomes) =>
        Decide(Good("theme") with
        {
            Scanners = outcomes.Select((outcome, number) => KeyValuePair.Create($"scanner:{number}", outcome)).ToDictionary(),
        }).Verdict;
}
