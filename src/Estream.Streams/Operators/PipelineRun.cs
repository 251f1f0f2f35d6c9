using Estream.Queue;
using Estream.Streams.Observing;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams.Operators;

/// <summary>A pipeline that is set up and runs step by step.</summary>
internal abstract class PipelineRun : IDisposable
{
    /// <summary>The position of the next message; for a join, in the left queue.</summary>
    public abstract long Position { get; }

    /// <summary>The number of messages of other schemas that were skipped.</summary>
    public abstract long Passed { get; }

    /// <summary>The bytes of the messages that were read.</summary>
    public abstract long BytesRead { get; }

    /// <summary>The results committed since the pipeline was opened.</summary>
    public abstract ResultCount Results { get; }

    /// <summary>The size in bytes of the memory that buffers results.</summary>
    public abstract long BufferBytes { get; }

    /// <summary>Observes the pipeline's messages; null for no observer.</summary>
    public abstract MessageObserver? Observer { set; }

    /// <summary>The progress of a stateful operator, or null.</summary>
    public virtual Progress? Progress => null;

    /// <summary>Processes some messages and commits their results.</summary>
    /// <returns>The number of messages; 0 if there are none.</returns>
    public abstract int Step();

    /// <summary>Waits for a message.</summary>
    public abstract void Wait(CancellationToken cancellationToken);

    /// <summary>Discards all results and goes to the oldest message.</summary>
    public abstract void StartOver();

    public abstract void Dispose();
}

/// <summary>A pipeline over the messages of one queue.</summary>
internal sealed class SingleRun(EstreamQueue queue, string name, Source source, PipelineEnd end) : PipelineRun
{
    /// <summary>The maximum number of messages between commits of results and position.</summary>
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
            // A commit failed, for example because the disk was full. Retry now: the held results may leave no room for more messages, and
            // if no message arrives, no later commit retries.
            end.Commit(_tailer);
        }

        int count = source.Pump(_tailer, end, MessagesPerCommit);
        if (count > 0)
        {
            end.Commit(_tailer);
        }

        return count;
    }

    public override void Wait(CancellationToken cancellationToken)
    {
        // A full end takes no message, and a wait for a message would return at once.
        _ = end.IsFull ? cancellationToken.WaitHandle.WaitOne(end.Pause) : _tailer.WaitToRead(end.Pause, cancellationToken);
    }

    public override void StartOver() => end.StartOver(_tailer);

    public override void Dispose()
    {
        _tailer.Dispose();
        end.Dispose();
    }
}
