using Estream.Circuits;
using Estream.Esf;
using Estream.Wire.Iso20022.Circuits;
using Estream.Wire.Iso20022.Mapping;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Provides the circuit <c>iso20022.parse.v1</c> with code for its bound nodes. The circuit parses documents into messages of the pack
/// <c>esf-payments</c>, each checked against its schema and further rules (<see cref="Iso20022Checks.SchemaAndRules"/>). Stateless;
/// thread-safe.
/// </summary>
public static class Iso20022ParseCircuit
{
    /// <summary>The name of the circuit.</summary>
    public const string Name = "iso20022.parse.v1";

    private const string Transfers = "parse_pacs008";
    private const string Reports = "parse_pacs002";
    private const string Field = "document";

    /// <summary>Reads the circuit from its file and binds it to its code.</summary>
    /// <param name="path">The path of <c>iso20022.parse.v1.circuit.yaml</c>.</param>
    /// <param name="schemas">A set with the schemas of the pack.</param>
    /// <param name="keys">See <see cref="Bind"/>.</param>
    /// <param name="limits">See <see cref="Bind"/>.</param>
    /// <exception cref="Core.EstreamFormatException">The file cannot be read, or has errors.</exception>
    /// <exception cref="ArgumentException">The file contains another circuit.</exception>
    /// <exception cref="WireConfigurationException">A limit is out of range.</exception>
    public static Circuit Load(string path, EsfSchemaSet schemas, EsfKeyRing? keys = null, Iso20022Limits? limits = null) =>
        Bind(Circuit.Load(path, schemas), keys, limits);

    /// <summary>Binds the circuit to its code.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="keys">Keys of an audience of the documents if they are stored sealed; without keys sealed documents are rejected. The
    /// caller disposes them, after the circuit is closed.</param>
    /// <param name="limits">The limits on documents.</param>
    /// <exception cref="ArgumentException">The circuit is not <c>iso20022.parse.v1</c>.</exception>
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
            $"{circuit} does not match the circuit {Name} that this version requires: it has no bound node '{id}' that takes a "
            + $"'{Field}' and produces {schema}. Use the circuit file of this version, in "
            + "circuits/wire/iso20022.parse.v1.", nameof(circuit));
    }
}
