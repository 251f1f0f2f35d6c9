using Estream.Queue;

namespace Estream.Streams.Operators;

/// <summary>Where the results of a pipeline go, and what makes that and its place in the queue one thing.</summary>
internal abstract class PipelineEnd : IDisposable
{
    /// <summary>Whether what is held back has to be committed before the next event.</summary>
    public bool IsFull { get; protected set; }

    /// <summary>The reader of the queue, at where the pipeline goes on.</summary>
    public abstract QueueTailer OpenTailer(EstreamQueue queue, string name);

    /// <summary>Makes results and place in the queue permanent, for a kill of this process.</summary>
    public abstract void Commit(QueueTailer tailer);

    /// <summary>Takes back all results and goes to the oldest message.</summary>
    public abstract void StartOver(QueueTailer tailer);

    public virtual void Dispose()
    {
    }
}
