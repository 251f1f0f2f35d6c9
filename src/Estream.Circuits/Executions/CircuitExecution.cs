using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Circuits.Testing;
using Estream.Esf;

namespace Estream.Circuits;

/// <summary>
/// The record of one execution of a circuit: which circuit file made which output from which input. A circuit writes these records with the
/// annotation <c>execution_records</c> (docs/formats/escir.md). The witness of their queue attests them. Stateless; thread-safe.
/// </summary>
public static class CircuitExecution
{
    /// <summary>The length of the hashes in a record: SHA-256.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    private const string Text = """
        version: "1.0"
        namespace: estream.circuit
        schemas:
          Execution:
            description: "A circuit made an output from an input"
            lattice: estream.circuit.execution
            fields:
              circuit: { type: string, description: "Name of the circuit" }
              version: { type: string, description: "Version of the circuit" }
              circuit_hash: { type: bytes32, description: "SHA-256 of the circuit's file" }
              input: { type: string, description: "Name of the input" }
              input_queue: { type: i64, description: "Id of the queue of the input" }
              input_position: { type: i64, description: "Position of the input message" }
              input_time: { type: timestamp, description: "When the input message was appended" }
              input_hash: { type: bytes32, description: "SHA-256 of the input message" }
              output: { type: string, description: "Name of the output" }
              output_number: { type: u32, description: "Number of the result among the results of the input message, from 0" }
              output_hash: { type: bytes32, description: "SHA-256 of the output message" }
        """;

    private static readonly EsfSchemaSet s_schemas = EsfSchemaSet.Parse(new EsfSchemaFile("estream-circuit.esf.yaml", Text));

    /// <summary>The schema of records: <c>estream.circuit.Execution</c>.</summary>
    public static EsfSchema Schema { get; } = s_schemas.TryGet("estream.circuit.Execution", out EsfSchema? schema)
        ? schema
        : throw new InvalidOperationException("The schema of executions is missing.");

    /// <summary>Returns the hash of a circuit: SHA-256 of its file as UTF-8.</summary>
    /// <param name="circuit">The circuit.</param>
    public static byte[] HashOf(Circuit circuit)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        return SHA256.HashData(Encoding.UTF8.GetBytes(circuit.Text));
    }

    /// <summary>
    /// Checks that a record is of a circuit, an input message and an output message, and that the circuit makes this output from this
    /// input: the circuit is executed again. Verify the proof of the record first.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="circuit">The circuit.</param>
    /// <param name="input">The bytes of the input message.</param>
    /// <param name="output">The bytes of the output message.</param>
    /// <returns>What does not match; null if everything matches.</returns>
    /// <remarks>Creates temporary queues.</remarks>
    public static string? Mismatch(ReadOnlySpan<byte> record, Circuit circuit, ReadOnlySpan<byte> input, ReadOnlySpan<byte> output)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        if (!EsfValidator.Check(Schema, record).IsOk || !EsfMessageHeader.TryRead(record, out EsfMessageHeader header)
            || header.SchemaId != Schema.Id)
        {
            return "the message is not a record of an execution";
        }

        (string port, string source) = (TextOf(record, "output"), TextOf(record, "input"));
        return TextOf(record, "circuit") != circuit.Name || TextOf(record, "version") != circuit.Version.ToString()
                ? $"the record is of {TextOf(record, "circuit")} {TextOf(record, "version")}, not of {circuit}"
            : !IsHash(record, "circuit_hash", HashOf(circuit)) ? "the file of the circuit has another hash than the record"
            : !IsHash(record, "input_hash", SHA256.HashData(input)) ? "the input message has another hash than the record"
            : !IsHash(record, "output_hash", SHA256.HashData(output)) ? "the output message has another hash than the record"
            : circuit.Outputs.All(one => one.Name != port) || circuit.Inputs.All(one => one.Name != source)
                ? "the circuit does not have the input or output of the record"
            : Repeated(record, circuit, (source, port), input, output.ToArray());
    }

    /// <summary>Describes a record that was checked.</summary>
    /// <param name="record">The record.</param>
    public static string Describe(ReadOnlySpan<byte> record)
    {
        _ = FieldOf("input_position").TryGetInt64(record, out long position);
        _ = FieldOf("input_queue").TryGetInt64(record, out long queue);
        return string.Create(CultureInfo.InvariantCulture, $"{TextOf(record, "circuit")} {TextOf(record, "version")} made the output "
            + $"'{TextOf(record, "output")}' from the message at position {position} of queue {queue:x16}");
    }

    internal static EsfField FieldOf(string name) => Schema.Fields.First(field => field.Name == name);

    // A result of the same circuit and input has the same bytes. A changed program would make another one.
    private static string? Repeated(ReadOnlySpan<byte> record, Circuit circuit, (string Input, string Output) ports,
        ReadOnlySpan<byte> input, byte[] output)
    {
        _ = FieldOf("output_number").TryGetInt64(record, out long number);
        try
        {
            using CircuitTrial trial = new(circuit);
            trial.Append(ports.Input, input);
            IReadOnlyList<CircuitTrialMessage> made = trial.Run().Outputs[ports.Output];

            // A map keeps only the last result of a key.
            bool isMap = made.Any(message => message.Key is not null);
            bool isMade = isMap
                ? made.Any(message => message.Message.Span.SequenceEqual(output))
                : number < made.Count && made[(int)number].Message.Span.SequenceEqual(output);
            return isMade ? null : "the circuit makes another output from the input message";
        }
        catch (ArgumentException invalid)
        {
            return invalid.Message;
        }
    }

    private static bool IsHash(ReadOnlySpan<byte> record, string field, ReadOnlySpan<byte> hash) =>
        FieldOf(field).TryGetBytes(record, out ReadOnlySpan<byte> recorded) && recorded.SequenceEqual(hash);

    private static string TextOf(ReadOnlySpan<byte> record, string field) =>
        FieldOf(field).TryGetBytes(record, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : "";
}
