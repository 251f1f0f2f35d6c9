using Estream.Core;
using Estream.Streams.Observing;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// Runs the operators that an <see cref="EsfStream{T}"/> describes over the messages of a queue, in order. After a crash at any moment it
/// resumes from its last committed position: results and queue position are committed together.
/// </summary>
/// <remarks>
/// Run it on one thread at a time; any thread may read the counters. Allocates nothing per event. If a delegate throws, the call ends
/// before that event is consumed; the next run tries the event again.
/// </remarks>
public sealed class EsfPipeline : IDisposable
{
    private readonly PipelineRun _run;
    private long _read;
    private long _bytesRead;
    private long _made;
    private long _bytesMade;
    private long _leftOut;
    private long _cpuNanos;
    private long _cpuBegin;
    private long _position;
    private bool _isDisposed;

    internal EsfPipeline(string name, PipelineRun run)
    {
        _run = run;
        _position = run.Position;
        _leftOut = CurrentLeftOut;
        Name = name;
    }

    /// <summary>The name of the pipeline, which is also the name of its reader in the queue.</summary>
    public string Name { get; }

    /// <summary>The position of the next message as of the last step; for a join, in its left queue.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>The number of messages read since the pipeline was opened, including messages of other schemas.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>The messages and bytes that the pipeline has read and written, and the processor time that it has used, since it was
    /// opened. Each number is correct, but they may have been read at different moments.</summary>
    public PipelineUsage Usage =>
        new(Read, Volatile.Read(ref _bytesRead), Volatile.Read(ref _made), Volatile.Read(ref _bytesMade), Volatile.Read(ref _cpuNanos));

    /// <summary>Whether <see cref="Usage"/> counts the processor time of the thread in <see cref="Run"/> or <see cref="RunToEnd"/>.
    /// Counting costs a system call for each step (up to 4,096 messages) and each wait. False by default; set it before the pipeline
    /// runs.</summary>
    public bool IsCpuMetered { get; set; }

    /// <summary>Observes the pipeline's messages until their results are committed; null for no observer. Set it before the pipeline
    /// runs.</summary>
    internal MessageObserver? Observer
    {
        get;
        set
        {
            field = value;
            _run.Observer = value;
        }
    }

    /// <summary>The size in bytes of the memory that buffers results.</summary>
    internal long BufferBytes => _run.BufferBytes;

    /// <summary>The number of messages of other schemas that were skipped.</summary>
    public long Passed => _run.Passed;

    /// <summary>The number of events that were too late for every window, or for a join, since the pipeline was first created; survives
    /// crashes. 0 without a stateful operator.</summary>
    public long Late => _run.Progress is { } progress ? Volatile.Read(ref progress[ProgressKey.Late]) : 0;

    /// <summary>The number of events that a throttle dropped since the pipeline was first created; survives crashes.</summary>
    public long Dropped => _run.Progress is { } progress ? Volatile.Read(ref progress[ProgressKey.Dropped]) : 0;

    /// <summary>The number of results of a stateful operator that could not be created and were skipped since the pipeline was first
    /// created; survives crashes.</summary>
    public long LeftOut => Volatile.Read(ref _leftOut);

    /// <summary>The watermark in nanoseconds since 1970 UTC: events up to that time are no longer expected. <see cref="long.MinValue"/>
    /// before the first event, and without a stateful operator.</summary>
    public long Watermark => _run.Progress is { } progress ? Volatile.Read(ref progress[ProgressKey.Watermark]) : EventTime.None;

    /// <summary>Processes all messages that are in the queue.</summary>
    /// <returns>The number of messages processed.</returns>
    /// <exception cref="Core.EstreamFormatException">The next message has another version of the schema, or is truncated. It is not
    /// skipped: skip it with another pipeline, or update the schema.</exception>
    /// <exception cref="Core.EstreamCorruptionException">The bytes at the position are not a message of the queue; the exception names the
    /// file and offset.</exception>
    /// <exception cref="Core.EstreamStorageException">The disk is too full for the results, or the queue has already reclaimed the next
    /// messages.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public long RunToEnd()
    {
        long count = 0;
        BeginCpu();
        try
        {
            while (Step() is > 0 and int some)
            {
                count += some;
            }
        }
        finally
        {
            TakeCpu();
        }

        return count;
    }

    /// <summary>Processes all messages, present and future, until cancelled. The thread sleeps while there are none.</summary>
    /// <param name="cancellationToken">Stops the pipeline; the results of all messages read are then committed.</param>
    /// <inheritdoc cref="RunToEnd" path="/exception"/>
    public void Run(CancellationToken cancellationToken) => RunAtPace(null, cancellationToken);

    /// <summary>Like <see cref="Run"/>, but limited by a rate limiter.</summary>
    internal void RunAtPace(IPipelineRateLimiter? pace, CancellationToken cancellationToken)
    {
        BeginCpu();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                if (Step() == 0)
                {
                    _run.Wait(cancellationToken);
                }

                TakeCpu();
                pace?.Keep(Usage, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancelled while waiting for messages.
        }
        finally
        {
            TakeCpu();
        }
    }

    /// <summary>Discards all results and restarts at the oldest message the queue retains.</summary>
    /// <exception cref="NotSupportedException">The results are in a queue.</exception>
    /// <exception cref="ObjectDisposedException">The pipeline is disposed.</exception>
    public void StartOver()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _run.StartOver();
        Volatile.Write(ref _position, _run.Position);
        Volatile.Write(ref _leftOut, CurrentLeftOut);
    }

    /// <summary>Closes the pipeline and releases its name. Messages whose results are not committed are processed again by the next run.
    /// Idempotent.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _run.Dispose();
        }
    }

    private int Step()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int count = _run.Step();
        Observer?.Complete();
        Volatile.Write(ref _position, _run.Position);
        Volatile.Write(ref _read, _read + count);
        Volatile.Write(ref _bytesRead, _run.BytesRead);
        ResultCount results = _run.Results;
        Volatile.Write(ref _made, results.Count);
        Volatile.Write(ref _bytesMade, results.Bytes);
        Volatile.Write(ref _leftOut, CurrentLeftOut);
        return count;
    }

    private long CurrentLeftOut => _run.Progress is { } progress ? progress[ProgressKey.LeftOut] : 0;

    private void BeginCpu() => _cpuBegin = IsCpuMetered ? ThreadCpuClock.Nanos : 0;

    private void TakeCpu()
    {
        if (IsCpuMetered)
        {
            long now = ThreadCpuClock.Nanos;
            Volatile.Write(ref _cpuNanos, _cpuNanos + now - _cpuBegin);
            _cpuBegin = now;
        }
    }
}

/// <summary>The messages and bytes that a pipeline has read and written, and the processor time that it has used, since it was opened.
/// Messages that are processed again after a failure count again.</summary>
/// <param name="Read">Messages read, including messages of other schemas.</param>
/// <param name="BytesRead">Bytes of these messages, without the queue's framing.</param>
/// <param name="Written">Committed results: messages appended, entries put into a map.</param>
/// <param name="BytesWritten">Bytes of these messages and entries; for an entry, the bytes of its key and value in the map. Values stored
/// in a sub-lex are not counted.</param>
/// <param name="CpuNanos">Processor time of the thread that runs the pipeline, in nanoseconds, as measured by the system; 0 on systems
/// other than Linux. See <see cref="EsfPipeline.IsCpuMetered"/>.</param>
public readonly record struct PipelineUsage(long Read, long BytesRead, long Written, long BytesWritten, long CpuNanos)
{
    /// <summary>Returns the sum of two usages.</summary>
    public static PipelineUsage operator +(PipelineUsage one, PipelineUsage other) =>
        new(one.Read + other.Read, one.BytesRead + other.BytesRead, one.Written + other.Written, one.BytesWritten + other.BytesWritten,
            one.CpuNanos + other.CpuNanos);

    /// <summary>Returns the usage since an earlier usage of the same pipeline.</summary>
    public static PipelineUsage operator -(PipelineUsage later, PipelineUsage earlier) =>
        new(later.Read - earlier.Read, later.BytesRead - earlier.BytesRead, later.Written - earlier.Written,
        later.BytesWritten - earlier.BytesWritten,
            later.CpuNanos - earlier.CpuNanos);

    /// <inheritdoc cref="op_Addition"/>
    public static PipelineUsage Add(PipelineUsage one, PipelineUsage other) => one + other;

    /// <inheritdoc cref="op_Subtraction"/>
    public static PipelineUsage Subtract(PipelineUsage later, PipelineUsage earlier) => later - earlier;
}
