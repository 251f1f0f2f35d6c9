using System.CommandLine;
using System.Globalization;
using Estream.Circuits;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Streams.Pipelines;

namespace Estream.Cli.Commands;

/// <summary>`estream circuit check`, and the commands that try circuits.</summary>
internal static class CircuitCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("circuit", "Checks and tries files of circuits.") { CreateCheck(context), CircuitTrialCommands.CreateRun(context), CircuitTrialCommands.CreateTest(context) };
    }

    private static Command CreateCheck(CliContext context)
    {
        Argument<string[]> files = new("FILE") { Description = "Circuit files (ESCIR). The schema files they name lie beside them.", Arity = ArgumentArity.OneOrMore };
        Option<string[]> schemas = SharedOptions.SchemaFiles();
        Command command = new("check", "Reports every mistake with file, line, node and what to write instead, also what circuits of several files do to each other. Exit code 1 where there is one.")
        {
            files, schemas,
        };
        command.SetAction(parsed =>
        {
            EsfSchemaSet known = SchemaCatalog.Load(new DataFolder(context.DataFolder), parsed.GetRequiredValue(schemas)).Known;
            using LineWriter lines = new(context.Output);
            return Check(lines, parsed.GetRequiredValue(files), known);
        });
        return command;
    }

    private static int Check(LineWriter lines, string[] files, EsfSchemaSet known)
    {
        List<(string File, IReadOnlyList<DeclaredPipeline> Pipelines)> all = [];
        int code = ExitCode.Ok;
        foreach (string file in files)
        {
            if (!File.Exists(file))
            {
                throw new CliException($"{file}: there is no such file", ExitCode.Failed);
            }

            CircuitReadResult result = CircuitReader.Load(file, known);
            all.Add((file, result.Circuit?.Pipelines ?? []));
            if (result.Circuit is not Circuit circuit)
            {
                code = SchemaCommand.List(lines, result.Diagnostics);
                continue;
            }

            lines.WriteLine(Summary(file, circuit));
        }

        IReadOnlyList<SchemaDiagnostic> clashes = PipelineClashes.Check(all);
        return clashes.Count > 0 ? SchemaCommand.List(lines, clashes) : code;
    }

    private static string Summary(string file, Circuit circuit)
    {
        string[] bound = [.. circuit.Nodes.Where(node => node.IsBound).Select(node => node.Id)];
        string ports = $"{string.Join(", ", circuit.Inputs.Select(input => input.Name))} -> {string.Join(", ", circuit.Outputs.Select(output => output.Name))}";
        return string.Create(CultureInfo.InvariantCulture, $"{file}: ok, {circuit}, {ports}, {circuit.Nodes.Count} nodes, {circuit.Invariants.Count} invariants")
            + (bound.Length == 0 ? "" : $"; bound to code: {string.Join(", ", bound)}");
    }
}
