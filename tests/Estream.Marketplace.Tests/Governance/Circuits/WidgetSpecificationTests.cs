using Estream.Circuits;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>
/// Compares the circuit with its specification: which lines of the specification the reader refuses, and where the shipped circuit differs.
/// Each difference is listed here as a deliberate decision; docs/formats/escir.md explains them.
/// </summary>
/// <remarks>The file is the block of section 8.1, "Widget Publish Governance", of the specification <c>console-widget-marketplace</c>, byte
/// for byte.</remarks>
public sealed class WidgetSpecificationTests : WidgetCase
{
    private static readonly string s_text =
        File.ReadAllText(RepositoryRoot.Combine("tests", "Estream.Circuits.Tests", "Golden", "widget-publish.spec.yaml"));

    [Fact]
    public void Reader_refuses_three_lines_of_the_specification()
    {
        (int Line, string Code, string Reason)[] expected =
        [
            (31, CircuitCodes.Schema, "there is no schema 'PublisherIdentity'"),
            (76, CircuitCodes.Expression, "'bundle_size' is not a field"),
            (78, CircuitCodes.Expression, "'latest_published_version' is not a field"),
        ];
        CircuitReadResult result = Read(s_text);
        Assert.Null(result.Circuit);
        Assert.Equal(expected.Select(mistake => (mistake.Line, mistake.Code)),
            result.Diagnostics.Select(mistake => (mistake.Position.Line, mistake.Code)));
        Assert.All(result.Diagnostics.Zip(expected),
            pair => Assert.Contains(pair.Second.Reason, pair.First.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Specification_is_accepted_after_its_invalid_lines_are_corrected()
    {
        Circuit written = Mended();
        Assert.Equal((Circuit.ToString(), Circuit.Description), (written.ToString(), written.Description));
        Assert.Equal((Circuit.WitnessTier, Circuit.GovernanceCategory), (written.WitnessTier, written.GovernanceCategory));
        Assert.Equal(Circuit.Flows.Select(flow => (flow.From, flow.To)), written.Flows.Select(flow => (flow.From, flow.To)));
        Assert.Equal(Circuit.Inputs.Concat(Circuit.Outputs).Select(port => (port.Name, port.Schema.Name)),
            written.Inputs.Concat(written.Outputs).Select(port => (port.Name, port.Schema.Name)));
    }

    [Fact]
    public void Circuit_differs_from_the_specification_in_three_kinds_and_three_descriptions()
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
    public void Messages_have_all_fields_of_the_specification()
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

    // Returns the circuit of the specification with the three refused lines repaired: corrects the name of a field, declares the missing
    // schema, and omits the invariant about an unknown field.
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
