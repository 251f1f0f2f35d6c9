using Estream.Circuits;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>
/// The circuit as its specification writes it down: which lines of that are refused, and in what the circuit that comes with this release
/// is another one. Each difference stands here, so that it is a decision and no accident; docs/formats/escir.md lists them.
/// </summary>
/// <remarks>The file is the block of section 8.1, "Widget Publish Governance", of the specification <c>console-widget-marketplace</c>, byte
/// for byte.</remarks>
public sealed class WidgetSpecificationTests : WidgetCase
{
    private static readonly string s_text =
        File.ReadAllText(RepositoryRoot.Combine("tests", "Estream.Circuits.Tests", "Golden", "widget-publish.spec.yaml"));

    [Fact]
    public void Three_of_its_lines_are_refused()
    {
        (int Line, string Code, string Reason)[] expected =
        [
            (31, CircuitCodes.Schema, "there is no schema 'PublisherIdentity'"),
            (76, CircuitCodes.Expression, "'bundle_size' is no field"),
            (78, CircuitCodes.Expression, "'latest_published_version' is no field"),
        ];
        CircuitReadResult result = Read(s_text);
        Assert.Null(result.Circuit);
        Assert.Equal(expected.Select(mistake => (mistake.Line, mistake.Code)),
            result.Diagnostics.Select(mistake => (mistake.Position.Line, mistake.Code)));
        Assert.All(result.Diagnostics.Zip(expected),
            pair => Assert.Contains(pair.Second.Reason, pair.First.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void All_others_are_read_as_they_stand()
    {
        Circuit written = Mended();
        Assert.Equal((Circuit.ToString(), Circuit.Description), (written.ToString(), written.Description));
        Assert.Equal((Circuit.WitnessTier, Circuit.GovernanceCategory), (written.WitnessTier, written.GovernanceCategory));
        Assert.Equal(Circuit.Flows.Select(flow => (flow.From, flow.To)), written.Flows.Select(flow => (flow.From, flow.To)));
        Assert.Equal(Circuit.Inputs.Concat(Circuit.Outputs).Select(port => (port.Name, port.Schema.Name)),
            written.Inputs.Concat(written.Outputs).Select(port => (port.Name, port.Schema.Name)));
    }

    [Fact]
    public void Three_nodes_are_of_another_kind_and_three_do_something_else()
    {
        (CircuitNode Written, CircuitNode Ours)[] nodes = [.. Mended().Nodes.Zip(Circuit.Nodes)];
        Assert.All(nodes, node => Assert.Equal(node.Ours.Id, node.Written.Id));
        Assert.Equal(
            ["role_validator: transform is widen", "version_checker: transform is stateful", "trust_evaluator: stateful is widen"],
            nodes.Where(node => node.Written.Kind != node.Ours.Kind)
                .Select(node => $"{node.Ours.Id}: {node.Written.Kind} is {node.Ours.Kind}"));
        Assert.Equal(["bundle_integrity", "trust_evaluator", "approval_aggregator"],
            nodes.Where(node => node.Written.Description != node.Ours.Description).Select(node => node.Ours.Id));
        Assert.All(nodes, node => Assert.True(node.Written.IsBound));
    }

    [Fact]
    public void Requests_and_decisions_have_all_its_fields_and_more()
    {
        Circuit written = Mended();
        AssertMore(written.Inputs[0].Schema, Circuit.Inputs[0].Schema, "approvals", "publisher_signature");
        AssertMore(
            written.Outputs[0].Schema,
            Circuit.Outputs[0].Schema,
            "approver_ids", "bundle_hash", "bundle_size_bytes", "details", "latest_published_version", "manifest_hash", "publisher_id",
            "release_digest", "required_roles", "version", "widget_id");
    }

    private static void AssertMore(EsfSchema written, EsfSchema ours, params string[] more)
    {
        Assert.Equal(more,
            ours.Fields.Select(field => field.Name).Except(written.Fields.Select(field => field.Name)).Order(StringComparer.Ordinal));
        Assert.All(written.Fields, field => Assert.Equal(field.Kind, ours.Fields.Single(other => other.Name == field.Name).Kind));
    }

    // The first line is another one, the second is a type that is declared, and the third is left out.
    private static Circuit Mended()
    {
        string text = Replaced(s_text, "bundle_size <= 5MB", "bundle_size_bytes <= 5MB");
        text = Replaced(text, "inputs:\n", "  - name: PublisherIdentity\n    fields: [{ name: public_key, type: bytes }]\n\ninputs:\n");
        text = Replaced(text, "  - \"version > latest_published_version\"\n", "");
        CircuitReadResult result = Read(text);
        Assert.True(result.Diagnostics.Count == 0, string.Join('\n', result.Diagnostics));
        return result.Circuit!;
    }

    private static string Replaced(string text, string written, string other)
    {
        Assert.Contains(written, text, StringComparison.Ordinal);
        return text.Replace(written, other, StringComparison.Ordinal);
    }
}
