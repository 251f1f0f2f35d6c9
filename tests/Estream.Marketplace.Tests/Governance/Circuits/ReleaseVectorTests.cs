using System.Text;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Esf;
using Estream.Esf.Tests.Golden;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Releases;
using Estream.Testing;
using CheckOutcome = Estream.Marketplace.Governance.CheckOutcome;
using PublishVerdict = Estream.Marketplace.Governance.PublishVerdict;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The golden vectors of the release circuit: they pass, they match the decisions, and the circuit file equals the
/// embedded circuit.</summary>
public sealed class ReleaseVectorTests
{
    private static readonly string s_folder = RepositoryRoot.Combine("circuits", "governance", "release-publish.v1");
    private static readonly string s_path = Path.Combine(s_folder, "release-publish.vectors.json");
    private static readonly Dictionary<string, CheckOutcome> s_passed =
        ReleaseChecks.All.ToDictionary(check => check, _ => CheckOutcome.Passed);

    private static ReleaseFindings Good => new()
    {
        Name = "@acme/doors",
        Version = "1.0.1",
        Category = "smart-circuit",
        ReleaseDigest = Enumerable.Range(0, 32).Select(number => (byte)number).ToArray(),
        Checks = s_passed,
        ApprovalsRequired = 0,
        Approvals = 0,
        IsPatch = true,
        NewDependencies = [],
        NewPermissions = [],
        PublishedToday = 0,
        MostADay = 100,
        IsFirst = false,
        AlikeNames = [],
    };

    private static ReleaseFindings First =>
        Good with { Name = "@acrne/doors", Version = "1.0.0", IsPatch = false, IsFirst = true, AlikeNames = ["@acme/doors"] };

    private static (string Name, ReleaseFindings Findings, PublishVerdict Verdict)[] Vectors =>
    [
        ("a release that passed everything is approved", Good, PublishVerdict.Approved),
        .. ReleaseChecks.All.Except([ReleaseChecks.Widget])
        .Select(check => ($"{check} says no", With(check, CheckOutcome.Failed), PublishVerdict.Rejected)),
        .. ReleaseChecks.All.Except([ReleaseChecks.Widget])
        .Select(check => ($"{check} was not run", With(check, CheckOutcome.NotRun), PublishVerdict.Pending)),
        ("a check that crashed waits", With(ReleaseChecks.Vectors, CheckOutcome.Error), PublishVerdict.Pending),
        ("nobody has checked anything", Good with { Checks = new Dictionary<string, CheckOutcome>() }, PublishVerdict.Pending),
        ("a theme needs no golden vectors and no build", Only("theme", ReleaseChecks.Vectors, ReleaseChecks.Build, ReleaseChecks.Widget),
            PublishVerdict.Approved),
        ("an adapter needs its build", Only("wire-adapter", ReleaseChecks.Build), PublishVerdict.Pending),
        ("a schema pack needs its golden vectors", Only("esf-schema", ReleaseChecks.Vectors), PublishVerdict.Pending),
        ("a widget needs the decision of its own circuit", Only("console-widget", ReleaseChecks.Widget), PublishVerdict.Pending),
        ("a widget whose circuit says no",
            Good with { Category = "console-widget", Checks = With(ReleaseChecks.Widget, CheckOutcome.Failed).Checks },
            PublishVerdict.Rejected),
        ("a category that there is not", Good with { Category = "game" }, PublishVerdict.Rejected),
        ("one of two scanners timed out", Good with { Scanners = Scans(CheckOutcome.Passed, CheckOutcome.Error) }, PublishVerdict.Pending),
        ("a scanner found something", Good with { Scanners = Scans(CheckOutcome.Failed, CheckOutcome.Error) }, PublishVerdict.Rejected),
        ("all scanners passed", Good with { Scanners = Scans(CheckOutcome.Passed, CheckOutcome.Passed) }, PublishVerdict.Approved),
        ("one approval of two", Good with { ApprovalsRequired = 2, Approvals = 1 }, PublishVerdict.Pending),
        ("two approvals of two", Good with { ApprovalsRequired = 2, Approvals = 2 }, PublishVerdict.Approved),
        ("approvals do not stand for a check",
            With(ReleaseChecks.Signature, CheckOutcome.NotRun) with { ApprovalsRequired = 1, Approvals = 5 }, PublishVerdict.Pending),
        ("a patch with a new permission", Good with { NewPermissions = ["network"] }, PublishVerdict.Pending),
        ("a patch with a new dependency", Good with { NewDependencies = ["@other/base"] }, PublishVerdict.Pending),
        ("a patch with a new permission that somebody looked at", Good with { NewPermissions = ["network"], Approvals = 1 },
            PublishVerdict.Approved),
        ("a minor version with a new permission", Good with { Version = "1.1.0", IsPatch = false, NewPermissions = ["network"] },
            PublishVerdict.Approved),
        ("more releases in a day than are usual", Good with { PublishedToday = 100 }, PublishVerdict.Pending),
        ("more releases in a day, and somebody looked at this one", Good with { PublishedToday = 100, Approvals = 1 },
            PublishVerdict.Approved),
        ("a first version whose name looks like another", First, PublishVerdict.Pending),
        ("a first version whose name looks like another, and somebody looked at it", First with { Approvals = 1 }, PublishVerdict.Approved),
        ("a first version whose name looks like no other", First with { AlikeNames = [] }, PublishVerdict.Approved),
        ("a later version whose name looks like another", First with { IsFirst = false }, PublishVerdict.Approved),
    ];

    [Fact]
    public void Vectors_file_matches_the_decisions()
    {
        StringBuilder text = new("{\n  \"vectors\": [\n");
        text.AppendJoin(",\n", Vectors.Select(vector => Text(vector.Name, vector.Findings, vector.Verdict))).Append("\n  ]\n}\n");
        GoldenFile.AssertSame(s_path, text.ToString());
    }

    [Fact]
    public void Vectors_pass_with_the_circuit_file()
    {
        CircuitReadResult read = CircuitReader.Load(Path.Combine(s_folder, "release-publish.circuit.yaml"), EsfSchemaSet.BuiltIn);
        Assert.Empty(read.Diagnostics);
        IReadOnlyList<CircuitVector> vectors = CircuitVectors.Load(s_path, read.Circuit!, read.Schemas);
        Assert.Equal(Vectors.Select(vector => vector.Name), vectors.Select(vector => vector.Name));
        Assert.All(vectors, vector => Assert.Empty(vector.Run()));

        // The circuit embedded in the program equals the circuit of this file.
        Assert.Equal(read.Circuit!.ToString(), ReleasePublishCircuit.Circuit.ToString());
        Assert.All(CircuitVectors.Load(s_path, ReleasePublishCircuit.Circuit, read.Schemas), vector => Assert.Empty(vector.Run()));
    }

    [Fact]
    public void Approval_that_breaks_an_invariant_is_rejected()
    {
        // Removes a rule from the last node of the circuit. The circuit's invariants still enforce the rule.
        string text = File.ReadAllText(Path.Combine(s_folder, "release-publish.circuit.yaml"));
        foreach ((string rule, string without, ReleaseFindings findings) in new[]
        {
            ("if(check_failed, Rejected, ", "if(false, Rejected, ", With(ReleaseChecks.Files, CheckOutcome.Failed)),
            ("if(check_missing or approvals_missing, Pending, Approved)", "Approved", With(ReleaseChecks.Files, CheckOutcome.NotRun)),
            ("max(approvals_required, if(new_in_patch or rate_exceeded or name_alike, 1, 0))", "approvals_required",
                Good with { NewPermissions = ["network"] }),
            ("max(approvals_required, if(new_in_patch or rate_exceeded or name_alike, 1, 0))", "approvals_required", First),
        })
        {
            Assert.Contains(rule, text, StringComparison.Ordinal);
            string changed = text.Replace(rule, without, StringComparison.Ordinal)
                .Replace("if(check_missing or approvals_missing, Pending, Approved)", "Approved", StringComparison.Ordinal);
            CircuitReadResult read = CircuitReader.Read(changed, "changed.circuit.yaml", EsfSchemaSet.BuiltIn,
                _ => EsfSchemaSet.Load(Path.Combine(s_folder, "release-publish.esf.yaml")));
            Assert.Empty(read.Diagnostics);
            ReleaseDecision decision = ReleasePublishCircuit.Decide(read.Circuit!, findings);
            Assert.Equal(PublishVerdict.Pending, decision.Verdict);
            Assert.Contains("does not hold", decision.Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Outcome_enums_match_the_message_schema()
    {
        Assert.Equal(Enum.GetNames<CheckOutcome>(), Enum.GetNames<Marketplace.Releases.CheckOutcome>().Take(4));
        Assert.Equal(Enum.GetNames<PublishVerdict>(), Enum.GetNames<Marketplace.Releases.PublishVerdict>().Take(3));
        Assert.All(Enum.GetValues<CheckOutcome>(),
            outcome => Assert.Equal(outcome.ToString(), ((Marketplace.Releases.CheckOutcome)(int)outcome).ToString()));
        Assert.All(Enum.GetValues<PublishVerdict>(),
            verdict => Assert.Equal(verdict.ToString(), ((Marketplace.Releases.PublishVerdict)(int)verdict).ToString()));
    }

    private static ReleaseFindings With(string check, CheckOutcome outcome) =>
        Good with { Checks = new Dictionary<string, CheckOutcome>(s_passed) { [check] = outcome } };

    private static ReleaseFindings Only(string category, params string[] missing) =>
        Good with { Category = category, Checks = s_passed.Where(pair => !missing.Contains(pair.Key)).ToDictionary() };

    private static Dictionary<string, CheckOutcome> Scans(params CheckOutcome[] outcomes) =>
        outcomes.Select((outcome, number) => KeyValuePair.Create($"scanner:{number}", outcome)).ToDictionary();

    private static string Text(string name, ReleaseFindings findings, PublishVerdict verdict)
    {
        using CircuitTrial trial = new(ReleasePublishCircuit.Circuit);
        byte[] request = ReleasePublishCircuit.Write(findings);
        trial.Append("request", request);
        CircuitTrialResult result = trial.Run();
        Assert.Empty(result.Rejected);
        byte[] decision = Assert.Single(result.Outputs["decision"]).Message.ToArray();

        // The name of a vector must match its verdict.
        Assert.Equal(verdict.ToString(), ReleasePublishDecision.View.Of(decision).Verdict.ToString());
        return $$"""
                { "name": "{{name}}",
                  "inputs": { "request": [{{EsfJson.ToText(ReleasePublishRequest.Schema, request)}}] },
                  "outputs": { "decision": [{{EsfJson.ToText(ReleasePublishDecision.Schema, decision)}}] } }
            """;
    }
}
