using Estream.Queue;
using Estream.Streams.Observing;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Operators;

/// <summary>A pipeline that is set up, and does some of its work at a time.</summary>
internal abstract class PipelineRun : IDisposable
{
    /// <summary>The position of the next message, of the left stream where there are two.</summary>
    public abstract long Position { get; }

    /// <summary>Messages of other schemas that were passed.</summary>
    public abstract long Passed { get; }

    /// <summary>Bytes of the messages that were read.</summary>
    public abstract long BytesRead { get; }

    /// <summary>The results that are permanent, since it was opened.</summary>
    public abstract ResultCount Results { get; }

    /// <summary>Bytes of memory in which results are held back.</summary>
    public abstract long BufferBytes { get; }

    /// <summary>Who is told of its messages; null where nobody asks.</summary>
    public abstract MessageObserver? Observer { set; }

    /// <summary>How far an operator with a state is, if there is one.</summary>
    public virtual Progress? Progress => null;

    /// <summary>Takes some messages, and makes what comes of them permanent.</summary>
    /// <returns>How many; 0 when there is none.</returns>
    public abstract int Step();

    /// <summary>Waits until there is a message.</summary>
    public abstract void Wait(CancellationToken cancellationToken);

    /// <summary>Takes back all results and goes to the oldest message.</summary>
    public abstract void StartOver();

    public abstract void Dispose();
}

/// <summary>The messages of one queue.</summary>
internal sealed class SingleRun(EstreamQueue queue, string name, Source source, PipelineEnd end) : PipelineRun
{
    /// <summary>So many messages are read before results and place are made permanent, if they come so fast.</summary>
    private const int MessagesPerCommit = 4_096;

    private readonly QueueTailer _tailer = end.OpenTailer(queue, name);

    public override long Position => _tailer.Position;

    public override long Passed => source.Passed;

    public override long BytesRead => source.BytesRead;

    public override ResultCount Results => end.Results;

    public override long BufferBytes => end.BufferBytes;

    public override MessageObserver? Observer
    {
        set => source.Observer = value;
    }

    public override Progress? Progress => end.Progress;

    public override int Step()
    {
        end.Resume();
        if (end.IsHolding)
        {
            // A commit was refused, as by a full disk: as long as this is held there may be no room for more, and without another message
            // nobody would ask again.
            end.Commit(_tailer);
        }

        int count = source.Pump(_tailer, end, MessagesPerCommit);
        if (count > 0)
        {
            end.Commit(_tailer);
        }

        return count;
    }

    public override void Wait(CancellationToken cancellationToken) => _ = _tailer.WaitToRead(Timeout.InfiniteTimeSpan, cancellationToken);

    public override void StartOver() => end.StartOver(_tailer);

    public override void Dispose()
    {
        _tailer.Dispose();
        end.Dispose();
    }
}
