using System.CommandLine;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Streams.Pipelines;

namespace Estream.Cli.Commands;

/// <summary>`estream pipeline check`.</summary>
internal static class PipelineCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("pipeline", "Checks files of declared pipelines.") { CreateCheck(context) };
    }

    private static Command CreateCheck(CliContext context)
    {
        Argument<string[]> files = new("FILE") { Description = "Pipeline files. The schema files they name lie beside them.", Arity = ArgumentArity.OneOrMore };
        Option<string[]> schemas = SharedOptions.SchemaFiles();
        Command command = new("check", "Reports every mistake with file, line and what to write instead, also what the pipelines of several files do to each other. Exit code 1 where there is one.")
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

            PipelineReadResult result = PipelineReader.Load(file, known);
            all.Add((file, result.Pipelines));
            if (result.Diagnostics.Count > 0)
            {
                code = SchemaCommand.List(lines, result.Diagnostics);
                continue;
            }

            lines.WriteLine($"{file}: ok, {string.Join(", ", result.Pipelines.Select(pipeline => pipeline.Name))}");
        }

        IReadOnlyList<SchemaDiagnostic> clashes = PipelineClashes.Check(all);
        return clashes.Count > 0 ? SchemaCommand.List(lines, clashes) : code;
    }
}
