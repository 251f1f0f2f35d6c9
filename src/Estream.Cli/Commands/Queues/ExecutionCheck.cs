using System.CommandLine;
using Estream.Circuits;
using Estream.Witness;

namespace Estream.Cli.Commands;

/// <summary>Verifies that a proven message is the record of an execution of a circuit, for `estream witness verify --circuit`.</summary>
/// <param name="Circuit">The file of the circuit.</param>
/// <param name="Input">The file with the bytes of the input message.</param>
/// <param name="Output">The file with the bytes of the output message.</param>
internal sealed record ExecutionCheck(string Circuit, string Input, string Output)
{
    /// <summary>Returns the check that the options ask for; null if they ask for none.</summary>
    public static ExecutionCheck? Of(ExecutionOptions options, ParseResult parsed) =>
        (parsed.GetValue(options.Circuit), parsed.GetValue(options.Input), parsed.GetValue(options.Output)) switch
        {
            (null, null, null) => null,
            ({ } file, { } from, { } to) => new ExecutionCheck(file, from, to),
            _ => throw new CliException("--circuit, --input and --output belong together: give all three, or none."),
        };

    /// <summary>Verifies the record in a proof that is valid.</summary>
    public (bool IsGood, string Found) Verify(MessageProof proof)
    {
        Circuit circuit = Circuits.Circuit.Load(Circuit);
        return CircuitExecution.Mismatch(proof.Payload, circuit, File.ReadAllBytes(Input), File.ReadAllBytes(Output)) is { } mismatch
            ? (false, $"BAD: {mismatch}")
            : (true, $"good: {CircuitExecution.Describe(proof.Payload)}");
    }
}

/// <summary>The options of an <see cref="ExecutionCheck"/>.</summary>
internal sealed class ExecutionOptions
{
    public Option<string?> Circuit { get; } = new("--circuit")
    {
        Description = "The file of a circuit: verify also that the proven message records how this circuit made --output from --input.",
        HelpName = "FILE",
    };

    public Option<string?> Input { get; } = new("--input")
    {
        Description = "With --circuit: the bytes of the input message.",
        HelpName = "FILE",
    };

    public Option<string?> Output { get; } = new("--output")
    {
        Description = "With --circuit: the bytes of the output message.",
        HelpName = "FILE",
    };
}
