using System.Text;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Esf;
using Estream.Esf.Tests.Golden;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>The golden vectors of the component: they pass, and they match the decisions of the circuit.</summary>
public sealed class WidgetVectorTests : WidgetCase
{
    private static readonly string s_path = Path.Combine(WidgetStore.Folder, "widget-publish.vectors.json");

    [Fact]
    public void Vectors_file_matches_the_decisions()
    {
        byte[] publisher = Identity(WidgetKeys.Acme, PublisherRole.Publisher, "@acme");
        byte[][] all = [publisher, Identity(WidgetKeys.Approvers[0], PublisherRole.Approver),
            Identity(WidgetKeys.Approvers[1], PublisherRole.Approver)];
        WidgetSubmission good = Good, first = new();
        (string Name, byte[][] Identities, WidgetSubmission[] Requests)[] vectors =
        [
            ("a release with nothing wrong is published for the community", [publisher], [good]),
            ("a release that two approvers have signed is verified", all,
                [(good with { Level = "verified" }).ApprovedBy(WidgetKeys.Approvers[0], WidgetKeys.Approvers[1])]),
            ("a key that counts once is not two approvals", all,
                [(good with { Level = "verified" }).ApprovedBy(WidgetKeys.Approvers[0], WidgetKeys.Approvers[0])]),
            (WidgetRejection.InvalidPublisherIdentity, [], [good]),
            (WidgetRejection.IncompleteManifest, [publisher], [good with { Manifest = WidgetStore.File("no-title.manifest.yaml") }]),
            (WidgetRejection.BundleIntegrityFailed, [publisher], [good with { DeclaredBytes = 1_000 }]),
            (WidgetRejection.BundleTooLarge, [publisher], [good with { DeclaredBytes = 5_000_001 }]),
            (WidgetRejection.InvalidRoleDeclaration, [publisher],
                [good with { Roles = ["operator", "root"], Manifest = WidgetStore.File("other-role.manifest.yaml") }]),
            (WidgetRejection.VersionNotIncremented, [publisher], [good, good]),
            (WidgetRejection.CspViolation, [publisher], [good with { Bundle = WidgetStore.File("eval.js") }]),
            (WidgetRejection.MissingPeerDependency, [publisher], [good with { Manifest = WidgetStore.File("no-react.manifest.yaml") }]),
            ("all eight reasons together", [publisher], [first with
            {
                Version = "1.0", Manifest = WidgetStore.File("nothing-right.manifest.yaml"), Bundle = WidgetStore.File("large.js"),
                DeclaredBytes = 2_000, Roles = ["root"], Signer = WidgetKeys.Stranger,
            }]),
        ];
        StringBuilder text = new("{\n  \"vectors\": [\n");
        text.AppendJoin(",\n", vectors.Select(vector => Text(vector.Name, vector.Identities, vector.Requests))).Append("\n  ]\n}\n");
        GoldenFile.AssertSame(s_path, text.ToString());
    }

    [Fact]
    public void Vectors_pass_with_the_circuit_files()
    {
        CircuitReadResult read = CircuitReader.Load(Path.Combine(WidgetStore.Folder, "widget-publish.circuit.yaml"), EsfSchemaSet.BuiltIn);
        Assert.Empty(read.Diagnostics);
        Circuit circuit = WidgetPublishCircuit.Bind(read.Circuit!,
            new WidgetPublishOptions { Content = new WidgetContentFolder(Path.Combine(WidgetStore.Folder, "content")).Find });
        IReadOnlyList<CircuitVector> vectors = CircuitVectors.Load(s_path, circuit, read.Schemas);
        Assert.All(WidgetRejection.All, reason => Assert.Contains(vectors, vector => vector.Name == reason));
        Assert.All(vectors, vector => Assert.Empty(vector.Run()));
    }

    // Returns a golden vector as text. The circuit decides the requests in a trial, with the content folder as its store.
    private string Text(string name, byte[][] identities, WidgetSubmission[] submissions)
    {
        Circuit circuit = WidgetPublishCircuit.Bind(Circuit,
            new WidgetPublishOptions { Content = new WidgetContentFolder(Path.Combine(WidgetStore.Folder, "content")).Find });
        using CircuitTrial trial = new(circuit);
        byte[][] requests = [.. submissions.Select(one => one.Message())];
        Array.ForEach(identities, identity => trial.Append("publisher_identity", identity));
        Array.ForEach(requests, request => trial.Append("request", request));
        CircuitTrialResult result = trial.Run();
        Assert.Empty(result.Rejected);
        byte[][] decisions = [.. result.Outputs["decision"].Select(decision => decision.Message.ToArray())];

        // The name of a vector must match its reasons.
        string[] shown = name.Contains('_', StringComparison.Ordinal) ? [name] : name.StartsWith("all", StringComparison.Ordinal)
            ? [.. WidgetRejection.All]
            : [];
        Assert.Equal(shown, Reasons(decisions[^1]));
        return $$"""
                { "name": "{{name}}",
                  "inputs": {
                    "publisher_identity": {{Listed(PublisherIdentity.Schema, identities)}},
                    "request": {{Listed(WidgetPublishRequest.Schema, requests)}} },
                  "outputs": { "decision": {{Listed(WidgetPublishDecision.Schema, decisions)}} } }
            """;
    }

    private static string Listed(EsfSchema schema, byte[][] messages) =>
        "[" + string.Join(",\n        ", messages.Select(message => EsfJson.ToText(schema, message))) + "]";

    private static List<string> Reasons(byte[] decision)
    {
        List<string> reasons = [];
        foreach (ReadOnlySpan<byte> reason in WidgetPublishDecision.View.Of(decision).RejectionReasons)
        {
            reasons.Add(Encoding.UTF8.GetString(reason));
        }

        return reasons;
    }
}
