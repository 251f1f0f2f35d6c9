using Estream.Queue;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Operators;

/// <summary>The end of a pipeline: writes its results, and commits them together with its queue position.</summary>
internal abstract class PipelineEnd : PumpEnd, IDisposable
{
    /// <summary>The progress of a stateful operator, or null.</summary>
    public virtual Progress? Progress => null;

    /// <summary>The results committed since the pipeline was opened.</summary>
    public abstract ResultCount Results { get; }

    /// <summary>The size in bytes of the memory that buffers results.</summary>
    public virtual long BufferBytes => 0;

    /// <summary>True if a commit has failed and its results are still buffered.</summary>
    public virtual bool IsHolding => false;

    /// <summary>The maximum time that the pipeline waits for a message before its next step; infinite by default.</summary>
    public virtual TimeSpan Pause => Timeout.InfiniteTimeSpan;

    /// <summary>Opens the tailer of the queue, at the position where the pipeline resumes.</summary>
    public abstract QueueTailer OpenTailer(EstreamQueue queue, string name);

    /// <summary>Called before events are read: returns to the committed state after a failure, and completes unfinished work.</summary>
    public virtual void Resume()
    {
    }

    /// <inheritdoc/>
    public override bool Refuse(QueueTailer tailer, long position)
    {
        tailer.Seek(position);
        return true;
    }

    /// <summary>Makes results and queue position survive a crash of this process.</summary>
    public abstract void Commit(QueueTailer tailer);

    /// <summary>Discards all results and goes to the oldest message.</summary>
    public abstract void StartOver(QueueTailer tailer);

    public virtual void Dispose()
    {
    }
}

/// <summary>The part of a pipeline's end that a source uses while it reads events.</summary>
internal abstract class PumpEnd
{
    /// <summary>True if buffered results must be committed before the next event.</summary>
    public bool IsFull { get; protected set; }

    /// <summary>Called when an operator threw an exception and did not consume the event, which is then read again.</summary>
    /// <returns>True if the results of earlier events are kept.</returns>
    public abstract bool Refuse(QueueTailer tailer, long position);
}

/// <summary>The number of results and their bytes.</summary>
internal readonly record struct ResultCount(long Count, long Bytes)
{
    public ResultCount And(long count, long bytes) => new(Count + count, Bytes + bytes);

    public ResultCount And(ResultCount more) => And(more.Count, more.Bytes);
}
