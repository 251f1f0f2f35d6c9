using System.CommandLine;
using Estream.Esf;
using Estream.Streams.Pipelines;

namespace Estream.Cli.Commands;

/// <summary>`estream pipeline check`.</summary>
internal static class PipelineCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("pipeline", "Checks pipeline files.")
        {
            CheckCommand.Create(
                context,
                "Pipeline files. Schema files they name are read from the same folder.",
                "Checks pipeline files and reports each error with file, line and correction, and conflicts between pipelines. Exit code 1 "
                + "if there are errors. Example: estream pipeline check doors.pipeline.yaml",
                Read),
        };
    }

    private static CheckCommand.Checked Read(string file, EsfSchemaSet known)
    {
        PipelineReadResult result = PipelineReader.Load(file, known);
        return new CheckCommand.Checked(result.Pipelines, result.Diagnostics,
            string.Join(", ", result.Pipelines.Select(pipeline => pipeline.Name)));
    }
}
