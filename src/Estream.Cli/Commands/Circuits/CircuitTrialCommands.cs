using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Estream.Circuits;
using Estream.Circuits.Testing;
using Estream.Cli.Codec;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf;
using Estream.Streams.Pipelines;

namespace Estream.Cli.Commands;

/// <summary>`estream circuit run` and `estream circuit test`: run a circuit on a few messages, with temporary queues and maps.</summary>
internal static class CircuitTrialCommands
{
    private const string CircuitEnding = ".circuit.yaml";
    private const string VectorsEnding = ".vectors.json";

    public static Command CreateRun(CliContext context)
    {
        Argument<string> file = CircuitFile();
        Option<string?> input = new("--input")
        {
            Description = "The name of the input that the messages are for; the first one where it is left out.",
            HelpName = "NAME",
        };
        Option<string[]> schemas = SharedOptions.SchemaFiles();
        Command command = new(
            "run",
            "Reads JSON objects, takes them through the circuit, and writes a JSON object per line for each message of an output, "
            + "{\"output\":…,\"message\":…}, and for each that is rejected, {\"rejected\":…}. "
            + "Of a circuit that is an operation they are requests, and each has its result in a line. No queue or map of a host is read "
            + "or written.")
        {
            file, input, schemas,
        };
        command.SetAction((parsed, _) =>
            RunAsync(context, Load(context, parsed.GetRequiredValue(file), parsed.GetRequiredValue(schemas)).Circuit,
                parsed.GetValue(input)));
        return command;
    }

    public static Command CreateTest(CliContext context)
    {
        Argument<string> file = CircuitFile();
        Option<string?> vectors = new("--vectors")
        {
            Description =
                $"The file of golden vectors; beside the circuit file, with {VectorsEnding} in place of {CircuitEnding}, where it is left "
                + "out.",
            HelpName = "FILE",
        };
        Option<string[]> schemas = SharedOptions.SchemaFiles();
        Command command = new("test",
            "Runs the golden vectors of a circuit, each in queues and maps of its own. Exit code 1 where anything differs.") { file,
                vectors, schemas };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            (Circuit circuit, EsfSchemaSet types) = Load(context, path, parsed.GetRequiredValue(schemas));
            using LineWriter lines = new(context.Output);
            return Test(lines, CircuitVectors.Load(parsed.GetValue(vectors) ?? VectorsBeside(path), circuit, types));
        });
        return command;
    }

    private static Argument<string> CircuitFile() =>
        new("FILE") { Description = "A circuit file (ESCIR). The schema files it names lie beside it." };

    private static string VectorsBeside(string path) => path.EndsWith(CircuitEnding, StringComparison.Ordinal)
        ? path[..^CircuitEnding.Length] + VectorsEnding
        : throw new CliException($"{path} does not end in {CircuitEnding}, so its vectors have no name: say where they are with --vectors");

    private static (Circuit Circuit, EsfSchemaSet Schemas) Load(CliContext context, string path, string[] schemas)
    {
        EsfSchemaSet known = SchemaCatalog.Load(new DataFolder(context.DataFolder), schemas).Known;
        CircuitReadResult result = CircuitReader.Load(path, known);
        if (result.Circuit is null)
        {
            throw new CliException(
                string.Create(CultureInfo.InvariantCulture,
                    $"the circuit has {result.Diagnostics.Count} mistakes, which 'estream circuit check' lists; "
                    + $"the first: {result.Diagnostics[0]}"),
                ExitCode.Failed);
        }

        // A circuit with a bound node cannot run without the code of that node.
        Circuit circuit = BoundCircuits.Bind(result.Circuit, path);
        return circuit.Pipelines.Count == 0 && circuit.Nodes.FirstOrDefault(node => node.IsBound) is { } bound
            ? throw new CliException(
                $"the node '{bound.Id}' of {path} does not say what it does: it is bound to code, and the file alone cannot be run",
                ExitCode.Failed)
            : (circuit, result.Schemas);
    }

    private static int Test(LineWriter lines, IReadOnlyList<CircuitVector> vectors)
    {
        int failed = 0;
        foreach (CircuitVector vector in vectors)
        {
            IReadOnlyList<string> differences = vector.Run();
            lines.WriteLine($"{(differences.Count == 0 ? "passed" : "FAILED")}: {vector.Name}");
            foreach (string difference in differences)
            {
                lines.WriteLine($"  {difference}");
            }

            failed += differences.Count == 0 ? 0 : 1;
        }

        lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{vectors.Count - failed} passed, {failed} failed"));
        return failed == 0 ? ExitCode.Ok : ExitCode.No;
    }

    private static async Task<int> RunAsync(CliContext context, Circuit circuit, string? name)
    {
        CircuitPort input = name is null ? circuit.Inputs[0] : circuit.Inputs.FirstOrDefault(port => port.Name == name)
            ?? throw new CliException(
                $"{circuit} has no input '{name}'; it has {string.Join(", ", circuit.Inputs.Select(port => port.Name))}");
        using LineWriter lines = new(context.Output);
        using OperationTrial? operation = circuit.Operation is null ? null : new OperationTrial(circuit);
        using CircuitTrial? trial = circuit.Operation is null ? new CircuitTrial(circuit) : null;
        JsonObjects objects = new(new InputBuffer(context.Input, lines.Flush, context.Cancellation));
        byte[] message = new byte[PipelineLimits.HighestMaxBytes];
        while (await objects.MoveNextAsync().ConfigureAwait(false))
        {
            EsfStatus status = EsfJson.TryEncode(input.Schema, objects.Current, message, out int length);
            if (!status.IsOk)
            {
                throw objects.Refuse(status.Offset, status.Describe(objects.Current));
            }

            trial?.Append(input.Name, message.AsSpan(0, length));
            if (operation is not null)
            {
                Write(lines, circuit.Outputs[0], null, operation.Run(message.AsSpan(0, length)));
            }
        }

        if (trial is not null)
        {
            Write(lines, circuit, trial.Run());
        }

        return ExitCode.Ok;
    }

    private static void Write(LineWriter lines, Circuit circuit, CircuitTrialResult result)
    {
        foreach (CircuitPort output in circuit.Outputs)
        {
            foreach (CircuitTrialMessage message in result.Outputs[output.Name])
            {
                Write(lines, output, message.Key, message.Message.Span);
            }
        }

        foreach (string reason in result.Rejected)
        {
            using Utf8JsonWriter json = new(lines.Buffer);
            json.WriteStartObject();
            json.WriteString("rejected", reason);
            json.WriteEndObject();
            json.Flush();
            lines.EndLine();
        }
    }

    private static void Write(LineWriter lines, CircuitPort output, string? key, ReadOnlySpan<byte> message)
    {
        using Utf8JsonWriter json = new(lines.Buffer);
        json.WriteStartObject();
        json.WriteString("output", output.Name);
        if (key is not null)
        {
            json.WriteString("key", key);
        }

        json.WritePropertyName("message");
        EsfStatus status = EsfJson.WriteJson(output.Schema, message, json);
        if (!status.IsOk)
        {
            throw new CliException($"a message of '{output.Name}' cannot be shown: {status.Describe(message)}", ExitCode.Failed);
        }

        json.WriteEndObject();
        json.Flush();
        lines.EndLine();
    }
}
