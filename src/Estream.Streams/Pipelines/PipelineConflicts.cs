using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Streams.Pipelines;

/// <summary>Finds pipelines that write a resource that only one pipeline may write.</summary>
public static class PipelineConflicts
{
    /// <summary>Finds conflicts between the pipelines of several files.</summary>
    /// <param name="files">The pipelines by file.</param>
    /// <returns>The errors; none if there are no conflicts.</returns>
    public static IReadOnlyList<SchemaDiagnostic> Check(IEnumerable<(string File, IReadOnlyList<DeclaredPipeline> Pipelines)> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        List<(string File, DeclaredPipeline Pipeline)> before = [];
        List<SchemaDiagnostic> errors = [];
        foreach ((string file, IReadOnlyList<DeclaredPipeline> pipelines) in files)
        {
            DiagnosticSink sink = new(file);
            foreach (DeclaredPipeline pipeline in pipelines)
            {
                // Pipelines of the same file were compared when the file was read.
                foreach ((string otherFile, DeclaredPipeline other) in before.Where(earlier => earlier.File != file))
                {
                    Compare(pipeline, other, otherFile, sink);
                }
            }

            before.AddRange(pipelines.Select(pipeline => (file, pipeline)));
            errors.AddRange(sink.InOrder());
        }

        return errors;
    }

    internal static void Check(IReadOnlyList<DeclaredPipeline> pipelines, DiagnosticSink sink)
    {
        for (int i = 0; i < pipelines.Count; i++)
        {
            RequireApart(pipelines[i], sink);
            for (int j = 0; j < i; j++)
            {
                Compare(pipelines[i], pipelines[j], sink.File, sink);
            }
        }
    }

    // A pipeline must not write the same queue twice if it needs the queue exclusively.
    private static void RequireApart(DeclaredPipeline pipeline, DiagnosticSink sink)
    {
        string? twice = pipeline.QueuesWritten.GroupBy(queue => queue).FirstOrDefault(uses => uses.Count() > 1)?.Key;
        if (twice is not null && pipeline.ExclusiveQueues.Contains(twice))
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position, PipelineMessages.ExclusiveTwice(twice));
        }
    }

    private static void Compare(DeclaredPipeline pipeline, DeclaredPipeline other, string otherFile, DiagnosticSink sink)
    {
        if (pipeline.Name == other.Name)
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position,
                PipelineMessages.PipelineTwice(pipeline.Name, $"{otherFile}({other.Position})"));
        }

        if (pipeline.OutputMap is string map && map == other.OutputMap)
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position, PipelineMessages.NotAlone($"the map '{map}'", other.Name));
        }

        string? reader = new[] { pipeline.Source, pipeline.JoinedQueue }.OfType<string>()
            .SelectMany(queue => pipeline.ReadersIn(queue).Intersect(other.ReadersIn(queue))).FirstOrDefault();
        if (reader is not null && pipeline.Name != other.Name)
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position, PipelineMessages.ReaderTwice(reader, other.Name));
        }

        string? shared = pipeline.ExclusiveQueues.Intersect(other.QueuesWritten)
            .Concat(other.ExclusiveQueues.Intersect(pipeline.QueuesWritten))
            .FirstOrDefault();
        if (shared is not null)
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position, PipelineMessages.NotAlone($"the queue '{shared}'", other.Name));
        }

        if (pipeline.TransactionQueues.Intersect(other.TransactionQueues).FirstOrDefault() is string both)
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position, PipelineMessages.OtherLog(both, other.Name));
        }

        if (pipeline.Transcript is string transcript && transcript == other.Transcript)
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position, PipelineMessages.SameParty(transcript, other.Name));
        }

        if ((InQueueOfTimer(pipeline, other) ?? InQueueOfTimer(other, pipeline)) is string twice)
        {
            sink.Report(PipelineCodes.Conflict, pipeline.Position, twice);
        }
    }

    // Two outputs of a circuit that read the same timer share one queue.
    private static string? InQueueOfTimer(DeclaredPipeline timed, DeclaredPipeline other)
    {
        string? writer = timed.Timer is null ? null
            : other.QueuesWritten.Contains(timed.Source) ? other.Name
            : other.Source == timed.Source && other.Timer != timed.Timer ? other.Timer
            : null;
        return writer is null ? null : PipelineMessages.TimerNotAlone(timed.Source, timed.Timer!, writer);
    }
}
