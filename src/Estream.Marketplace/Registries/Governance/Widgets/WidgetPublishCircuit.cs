using Estream.Circuits;
using Estream.Esf;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>
/// The governance circuit <c>estream.marketplace.widget.publish.v1</c>, with the code of the nodes that its file binds to code. It answers
/// each request to publish a widget release with a decision that contains every reason for a rejection (<see cref="WidgetRejection"/>).
/// Thread-safe; holds no state.
/// </summary>
public static class WidgetPublishCircuit
{
    /// <summary>The name of the circuit.</summary>
    public const string Name = "estream.marketplace.widget.publish.v1";

    private const string Identities = "publisher_identity";
    private const string Decisions = "decision";

    private static readonly (string Node, EsfSchema Takes, EsfSchema Makes)[] s_nodes =
    [
        ("identity_verifier", WidgetPublishRequest.Schema, WidgetIdentified.Schema),
        ("manifest_validator", WidgetIdentified.Schema, WidgetDescribed.Schema),
        ("bundle_integrity", WidgetDescribed.Schema, WidgetBundled.Schema),
        ("version_checker", WidgetRoled.Schema, WidgetVersioned.Schema),
        ("approval_aggregator", WidgetTrusted.Schema, WidgetPublishDecision.Schema),
    ];

    /// <summary>Reads the circuit from its file and binds it to its code.</summary>
    /// <param name="path">The path of <c>widget-publish.circuit.yaml</c>.</param>
    /// <param name="options">The options of the decisions.</param>
    /// <exception cref="Core.EstreamFormatException">The file cannot be read, or has errors.</exception>
    /// <exception cref="ArgumentException">The circuit in the file lacks a required input, output or node, or an option is out of
    /// range.</exception>
    public static Circuit Load(string path, WidgetPublishOptions options) => Bind(Circuit.Load(path), options);

    /// <summary>Binds the circuit to its code.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="options">The options of the decisions.</param>
    /// <remarks>
    /// When the circuit is opened, it reads the registered keys from the queue of its input <c>publisher_identity</c>, and the published
    /// versions from the queue of its output. Only the circuit may write to the output queue, and neither queue may reclaim messages. A
    /// request costs the verification of two or more signatures, one pass over the bundle, and the memory for it.
    /// </remarks>
    /// <exception cref="ArgumentException">The circuit lacks a required input, output or node, or an option is out of range.</exception>
    public static Circuit Bind(Circuit circuit, WidgetPublishOptions options)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        string identities = circuit.Inputs.FirstOrDefault(input =>
            input.Name == Identities && input.Schema.Id == PublisherIdentity.SchemaId)?.Queue
                ?? throw Other(circuit, $"an input '{Identities}' of {PublisherIdentity.Schema}");
        string decisions = circuit.Outputs.FirstOrDefault(output =>
            output.Name == Decisions && output.Schema.Id == WidgetPublishDecision.SchemaId)?.Queue
                ?? throw Other(circuit, $"an output '{Decisions}' of {WidgetPublishDecision.Schema} into a queue");
        foreach ((string id, EsfSchema takes, EsfSchema makes) in s_nodes)
        {
            if (circuit.Nodes.FirstOrDefault(node => node.Id == id) is not CircuitNode node || !node.IsBound || node.Takes.Id != takes.Id
                || node.Makes.Id != makes.Id)
            {
                throw Other(circuit, $"a node '{id}' bound to code that takes {takes} and produces {makes}");
            }
        }

        return circuit.Bind(
            [.. s_nodes.Select(node => node.Node)],
            opening =>
            {
                PublisherRegistry registry = opening.Own(new PublisherRegistry(opening.Resources.Queue(identities)));
                PublishedWidgets published = new(opening.Resources.Queue(decisions));
                return new Dictionary<string, CircuitFunction>
                {
                    ["identity_verifier"] = new IdentityVerifier(registry).Run,
                    ["manifest_validator"] = new ManifestCompleteness(options.Content).Run,
                    ["bundle_integrity"] = new BundleIntegrity(options.Content).Run,
                    ["version_checker"] = new VersionChecker(published).Run,
                    ["approval_aggregator"] = new ApprovalAggregator(registry, published, options.RequiredApprovals).Run,
                };
            });
    }

    private static ArgumentException Other(Circuit circuit, string lacking) =>
        new($"{circuit} does not match the circuit {Name} that this version requires: it lacks {lacking}. Use the circuit file of this "
            + "version, in circuits/governance/widget-publish.v1.", nameof(circuit));
}
