using System.CommandLine;
using Estream.Esf;
using Estream.Streams.Pipelines;

namespace Estream.Cli.Commands;

/// <summary>`estream pipeline check`.</summary>
internal static class PipelineCommand
{
    public static Command Create(CliContext context)
    {
        return new Command("pipeline", "Checks files of declared pipelines.")
        {
            CheckCommand.Create(
                context,
                "Pipeline files. The schema files they name lie beside them.",
                "Reports every mistake with file, line and what to write instead, also what the pipelines of several files do to each "
                + "other. Exit code 1 where there is one.",
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
