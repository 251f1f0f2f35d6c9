using System.CommandLine;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Streams.Pipelines;

namespace Estream.Cli.Commands;

/// <summary>The `check` command of `estream pipeline` and `estream circuit`: reports errors in each file and conflicts between
/// files.</summary>
internal static class CheckCommand
{
    /// <param name="context">The environment of the command.</param>
    /// <param name="files">The description of the argument FILE.</param>
    /// <param name="help">The description of the command.</param>
    /// <param name="read">Reads a file.</param>
    public static Command Create(CliContext context, string files, string help, Func<string, EsfSchemaSet, Checked> read)
    {
        Argument<string[]> paths = new("FILE") { Description = files, Arity = ArgumentArity.OneOrMore };
        Option<string[]> schemas = SharedOptions.SchemaFiles();
        Command command = new("check", help) { paths, schemas };
        command.SetAction(parsed =>
        {
            EsfSchemaSet known = SchemaCatalog.Load(new DataFolder(context.DataFolder), parsed.GetRequiredValue(schemas)).Known;
            using LineWriter lines = new(context.Output);
            return Check(lines, parsed.GetRequiredValue(paths), file => read(file, known));
        });
        return command;
    }

    private static int Check(LineWriter lines, string[] files, Func<string, Checked> read)
    {
        List<(string File, IReadOnlyList<DeclaredPipeline> Pipelines)> all = [];
        int code = ExitCode.Ok;
        foreach (string file in files)
        {
            if (!File.Exists(file))
            {
                throw new CliException($"There is no file '{file}'. Check the path.", ExitCode.Failed);
            }

            Checked one = read(file);
            all.Add((file, one.Pipelines));
            if (one.Errors.Count > 0)
            {
                code = SchemaCommand.List(lines, one.Errors);
                continue;
            }

            lines.WriteLine($"{file}: ok, {one.Summary}");
        }

        IReadOnlyList<SchemaDiagnostic> clashes = PipelineConflicts.Check(all);
        return clashes.Count > 0 ? SchemaCommand.List(lines, clashes) : code;
    }

    /// <summary>The result of checking one file.</summary>
    /// <param name="Pipelines">The pipelines of the file.</param>
    /// <param name="Errors">The errors in the file.</param>
    /// <param name="Summary">The text printed if the file has no errors.</param>
    internal sealed record Checked(IReadOnlyList<DeclaredPipeline> Pipelines, IReadOnlyList<SchemaDiagnostic> Errors, string Summary);
}
