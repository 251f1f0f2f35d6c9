namespace Estream.Streams.Pipelines;

/// <summary>A declared pipeline that is set up: one that makes its results, and where it says where rejected messages go, others that take
/// them there.</summary>
/// <remarks>Each of them runs on a thread of its own, and resumes by itself where it was. The counters may be read from any
/// thread.</remarks>
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

    /// <summary>What it does.</summary>
    public DeclaredPipeline Declaration { get; }

    /// <summary>Makes the results.</summary>
    public EsfPipeline Results { get; }

    /// <summary>Take messages that a stage cannot take to their queue, one for each queue that is read, and one what is told of results
    /// that cannot be made; none where no queue for them is declared.</summary>
    public IReadOnlyList<EsfPipeline> Rejects { get; }

    /// <summary>Bytes of memory in which messages are made.</summary>
    internal long MakingBytes { get; init; }

    /// <summary>Bytes of memory in which messages are made and held back, now: more where more has come of one message.</summary>
    internal long BufferBytes => MakingBytes + Rejects.Prepend(Results).Sum(static pipeline => pipeline.BufferBytes);

    /// <summary>What results and rejected messages have taken, made and used together, since it was opened.</summary>
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

    /// <summary>Messages that a stage could not take, and results that could not be made, since it was opened.</summary>
    public long Rejected => _rejected();

    /// <summary>Gives everything back; what was not made permanent comes again. Not while one of them runs. Idempotent.</summary>
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
