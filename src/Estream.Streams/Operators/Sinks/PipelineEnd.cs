using Estream.Queue;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Operators;

/// <summary>Where the results of a pipeline go, and what makes that and its place in the queue one thing.</summary>
internal abstract class PipelineEnd : PumpEnd, IDisposable
{
    /// <summary>How far an operator with a state is, if there is one.</summary>
    public virtual Progress? Progress => null;

    /// <summary>The results that are permanent, since it was opened.</summary>
    public abstract ResultCount Results { get; }

    /// <summary>Bytes of memory in which results are held back.</summary>
    public virtual long BufferBytes => 0;

    /// <summary>Whether results are held back that a commit has failed to make permanent.</summary>
    public virtual bool IsHolding => false;

    /// <summary>The reader of the queue, at where the pipeline goes on.</summary>
    public abstract QueueTailer OpenTailer(EstreamQueue queue, string name);

    /// <summary>Comes before events are read: goes back to where it was after something failed, and does what was left undone.</summary>
    public virtual void Resume()
    {
    }

    /// <inheritdoc/>
    public override bool Refuse(QueueTailer tailer, long position)
    {
        tailer.Seek(position);
        return true;
    }

    /// <summary>Makes results and place in the queue permanent, for a kill of this process.</summary>
    public abstract void Commit(QueueTailer tailer);

    /// <summary>Takes back all results and goes to the oldest message.</summary>
    public abstract void StartOver(QueueTailer tailer);

    public virtual void Dispose()
    {
    }
}

/// <summary>What is asked and told while events are read.</summary>
internal abstract class PumpEnd
{
    /// <summary>Whether what is held back has to be committed before the next event.</summary>
    public bool IsFull { get; protected set; }

    /// <summary>An event was not taken, because an operator threw: it is the next one, should somebody go on.</summary>
    /// <returns>Whether what was made of those before it stands.</returns>
    public abstract bool Refuse(QueueTailer tailer, long position);
}

/// <summary>How many results there are, and how many bytes they have.</summary>
internal readonly record struct ResultCount(long Count, long Bytes)
{
    public ResultCount And(long count, long bytes) => new(Count + count, Bytes + bytes);

    public ResultCount And(ResultCount more) => And(more.Count, more.Bytes);
}
