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
            Description = "The input of the circuit that receives the messages. Default: the first input.",
            HelpName = "NAME",
        };
        Option<string[]> schemas = SharedOptions.SchemaFiles();
        Command command = new(
            "run",
            "Runs a circuit on JSON objects from standard input, in temporary queues and maps. Writes one JSON object per line: "
            + "{\"output\":…,\"message\":…} for each output message, {\"rejected\":…} for each rejected message. For an operation, each "
            + "input is a request and each line is its result. Example: estream circuit run doors.circuit.yaml < doors.json")
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
                $"The file with the golden vectors. Default: the circuit file with the ending {VectorsEnding} instead of {CircuitEnding}.",
            HelpName = "FILE",
        };
        Option<string[]> schemas = SharedOptions.SchemaFiles();
        Command command = new("test",
            "Runs the golden vectors of a circuit, each in its own temporary queues and maps. Exit code 1 if a result differs. Example: "
            + "estream circuit test doors.circuit.yaml") { file,
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
        new("FILE") { Description = "A circuit file (ESCIR). Schema files it names are read from the same folder." };

    private static string VectorsBeside(string path) => path.EndsWith(CircuitEnding, StringComparison.Ordinal)
        ? path[..^CircuitEnding.Length] + VectorsEnding
        : throw new CliException($"'{path}' does not end in {CircuitEnding}, so there is no default file of golden vectors. Name the file "
            + "with --vectors.");

    private static (Circuit Circuit, EsfSchemaSet Schemas) Load(CliContext context, string path, string[] schemas)
    {
        EsfSchemaSet known = SchemaCatalog.Load(new DataFolder(context.DataFolder), schemas).Known;
        CircuitReadResult result = CircuitReader.Load(path, known);
        if (result.Circuit is null)
        {
            throw new CliException(
                string.Create(CultureInfo.InvariantCulture,
                    $"The circuit has {result.Diagnostics.Count} errors. List them with 'estream circuit check'. The first error: "
                    + $"{result.Diagnostics[0]}"),
                ExitCode.Failed);
        }

        // A circuit with a bound node cannot run without the code of that node.
        Circuit circuit = BoundCircuits.Bind(result.Circuit, path);
        return circuit.Pipelines.Count == 0 && circuit.Nodes.FirstOrDefault(node => node.IsBound) is { } bound
            ? throw new CliException(
                $"The circuit cannot be run from its file: node '{bound.Id}' of '{path}' is bound to code that this program does not have.",
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
                $"{circuit} has no input '{name}'. Its inputs are {string.Join(", ", circuit.Inputs.Select(port => port.Name))}.");
        using LineWriter lines = new(context.Output);
        using OperationTrial? operation = circuit.IsCallable ? new OperationTrial(circuit) : null;
        using CircuitTrial? trial = circuit.IsCallable ? null : new CircuitTrial(circuit);
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
            throw new CliException($"A message of output '{output.Name}' cannot be converted to JSON: "
                + $"{status.Describe(message)}", ExitCode.Failed);
        }

        json.WriteEndObject();
        json.Flush();
        lines.EndLine();
    }
}
