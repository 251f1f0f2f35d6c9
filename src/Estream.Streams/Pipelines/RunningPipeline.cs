namespace Estream.Streams.Pipelines;

/// <summary>A declared pipeline that is set up: one pipeline that computes its results and, if a queue for rejected messages is declared,
/// others that write to that queue.</summary>
/// <remarks>Each pipeline runs on its own thread and resumes from its own position. Any thread may read the counters.</remarks>
public sealed class RunningPipeline : IDisposable
{
    private readonly Func<long> _rejected;
    private readonly IDisposable[] _owned;

    internal RunningPipeline(DeclaredPipeline declaration, EsfPipeline results, IReadOnlyList<EsfPipeline> rejects, Func<long> rejected,
        IDisposable[] owned)
    {
        Declaration = declaration;
        Results = results;
        Rejects = rejects;
        _rejected = rejected;
        _owned = owned;
    }

    /// <summary>The declaration.</summary>
    public DeclaredPipeline Declaration { get; }

    /// <summary>The pipeline that computes the results.</summary>
    public EsfPipeline Results { get; }

    /// <summary>The pipelines that append rejected messages to their queue: one for each queue that is read, and one for results that
    /// cannot be created; none if no queue for rejected messages is declared.</summary>
    public IReadOnlyList<EsfPipeline> Rejects { get; }

    /// <summary>The size in bytes of the memory in which messages are created.</summary>
    internal long MakingBytes { get; init; }

    /// <summary>The current size in bytes of the memory in which messages are created and buffered; grows when one message yields more
    /// output.</summary>
    internal long BufferBytes => MakingBytes + Rejects.Prepend(Results).Sum(static pipeline => pipeline.BufferBytes);

    /// <summary>The combined usage of all pipelines since they were opened.</summary>
    public PipelineUsage Usage
    {
        get
        {
            PipelineUsage usage = Results.Usage;
            foreach (EsfPipeline rejects in Rejects)
            {
                usage += rejects.Usage;
            }

            return usage;
        }
    }

    /// <summary>The number of messages that a stage rejected, and of results that could not be created, since the pipeline was
    /// opened.</summary>
    public long Rejected => _rejected();

    /// <summary>Releases all resources; messages whose results are not committed are processed again later. Must not be called while one of
    /// its pipelines runs. Idempotent.</summary>
    public void Dispose()
    {
        foreach (EsfPipeline rejects in Rejects)
        {
            rejects.Dispose();
        }

        Results.Dispose();
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }
    }
}
