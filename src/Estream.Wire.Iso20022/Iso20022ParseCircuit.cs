using Estream.Circuits;
using Estream.Esf;
using Estream.Wire.Iso20022.Circuits;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>
/// The circuit <c>iso20022.parse.v1</c> with code for the nodes that its file binds to code: documents become messages of the pack
/// <c>esf-payments</c>, each held to its schema and to the rules beyond it (<see cref="Iso20022Checks.SchemaAndRules"/>).
/// Thread-safe; holds no state.
/// </summary>
public static class Iso20022ParseCircuit
{
    /// <summary>The name of the circuit.</summary>
    public const string Name = "iso20022.parse.v1";

    private const string Transfers = "parse_pacs008";
    private const string Reports = "parse_pacs002";
    private const string Field = "document";

    /// <summary>Reads the circuit from its file, and binds it.</summary>
    /// <param name="path">The path of <c>iso20022.parse.v1.circuit.yaml</c>.</param>
    /// <param name="schemas">Has the schemas of the pack.</param>
    /// <param name="keys">As <see cref="Bind"/> has it.</param>
    /// <param name="limits">As <see cref="Bind"/> has it.</param>
    /// <exception cref="Core.EstreamFormatException">The file cannot be read, or has mistakes.</exception>
    /// <exception cref="ArgumentException">It is another circuit.</exception>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public static Circuit Load(string path, EsfSchemaSet schemas, EsfKeyRing? keys = null, Iso20022Limits? limits = null) =>
        Bind(Circuit.Load(path, schemas), keys, limits);

    /// <summary>Binds the circuit to its code.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="keys">Keys of an audience of documents, which are sealed where they are stored: without one they are rejected. Stays
    /// the caller's to dispose, after the circuit is closed.</param>
    /// <param name="limits">How much of a document is read.</param>
    /// <exception cref="ArgumentException">It is another circuit.</exception>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public static Circuit Bind(Circuit circuit, EsfKeyRing? keys = null, Iso20022Limits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        limits ??= new Iso20022Limits();
        limits.Validate();
        CircuitNode transfers = NodeOf(circuit, Transfers, "Pacs008CreditTransfer");
        CircuitNode reports = NodeOf(circuit, Reports, "Pacs002StatusReport");
        return circuit.Bind(
            [Transfers, Reports],
            opening =>
            {
                DocumentSource Documents(CircuitNode node) => opening.Own(new DocumentSource(node.Takes, Field, keys));
                return new Dictionary<string, CircuitFunction>
                {
                    [Transfers] = new ParseNode(Documents(transfers), transfers.Makes, limits, takesStrangers: true).Run,
                    [Reports] = new ParseNode(Documents(reports), reports.Makes, limits, takesStrangers: false).Run,
                };
            });
    }

    private static CircuitNode NodeOf(Circuit circuit, string id, string schema)
    {
        CircuitNode? node = circuit.Nodes.FirstOrDefault(node => node.Id == id);
        bool isIt = node is { IsBound: true } && node.Makes.QualifiedName == MappedMessages.Namespace + schema
            && node.Takes.TryGetField(Field, out _);
        return isIt ? node! : throw new ArgumentException(
            $"{circuit} is not {Name} as this version knows it: it has not a node '{id}' bound to code that takes a '{Field}' and makes "
            + $"{schema}. Take the file of this version, in circuits/wire/iso20022.parse.v1.", nameof(circuit));
    }
}
