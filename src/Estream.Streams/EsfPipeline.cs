using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams;

/// <summary>
/// Does what an <see cref="EsfStream{T}"/> describes: reads the messages of a queue in their order, from where it was, and makes of them what
/// is to be made. It resumes where it was after a kill at any moment: results and place in the queue cannot be seen one without the other.
/// </summary>
/// <remarks>
/// One thread at a time; the counters may be read from any. Allocates nothing for an event. An exception of a delegate ends the call with the
/// event still to come: run it again, and it is tried again.
/// </remarks>
public sealed class EsfPipeline : IDisposable
{
    /// <summary>So many messages are read before results and place are made permanent, if they come so fast.</summary>
    private const int MessagesPerCommit = 4_096;

    private readonly Source _source;
    private readonly PipelineEnd _end;
    private readonly QueueTailer _tailer;
    private long _read;
    private bool _isDisposed;

    internal EsfPipeline(EstreamQueue queue, string name, Source source, PipelineEnd end)
    {
        _source = source;
        _end = end;
        Name = name;
        _tailer = end.OpenTailer(queue, name);
    }

    /// <summary>Its name, which is that of its reader in the queue.</summary>
    public string Name { get; }

    /// <summary>The position of the next message.</summary>
    public long Position => _tailer.Position;

    /// <summary>Messages read since it was opened, those of other schemas included.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>Messages of other schemas that were passed.</summary>
    public long Passed => _source.Passed;

    /// <summary>Takes all messages that are there.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="Core.EstreamFormatException">The next message is of another version of the schema, or not whole. It is not passed: leave it out with another pipeline, or bring the schema up to date.</exception>
    /// <exception cref="Core.EstreamCorruptionException">What is there is not a message of the queue; file and offset are named.</exception>
    /// <exception cref="Core.EstreamStorageException">The results need space and the disk is full, or the queue has given up what comes next.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public long RunToEnd()
    {
        long count = 0;
        while (Step() is > 0 and int some)
        {
            count += some;
        }

        return count;
    }

    /// <summary>Takes all messages, those that are there and those to come, until it is cancelled. The thread sleeps while there is none.</summary>
    /// <param name="cancellationToken">Ends it; what was read is permanent then.</param>
    /// <inheritdoc cref="RunToEnd" path="/exception"/>
    public void Run(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (Step() == 0)
                {
                    _ = _tailer.WaitToRead(Timeout.InfiniteTimeSpan, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It was asleep.
        }
    }

    /// <summary>Takes back all results, and begins again with the oldest message the queue keeps.</summary>
    /// <exception cref="NotSupportedException">The results are in a queue.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void StartOver()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _end.StartOver(_tailer);
    }

    /// <summary>Gives the name back. What was not made permanent comes again. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _tailer.Dispose();
            _end.Dispose();
        }
    }

    private int Step()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int count = _source.Pump(_tailer, _end, MessagesPerCommit);
        if (count > 0)
        {
            _end.Commit(_tailer);
            Volatile.Write(ref _read, _read + count);
        }

        return count;
    }
}
