using Estream.Core;
using Estream.Streams.Observing;
using Estream.Streams.Operators;
using Estream.Streams.Operators.Keyed;

namespace Estream.Streams;

/// <summary>
/// Does what an <see cref="EsfStream{T}"/> describes: reads the messages of a queue in their order, from where it was, and makes of them
/// what is to be made. It resumes where it was after a kill at any moment: results and place in the queue cannot be seen one without the
/// other.
/// </summary>
/// <remarks>
/// One thread at a time; the counters may be read from any. Allocates nothing for an event. An exception of a delegate ends the call with
/// the event still to come: run it again, and it is tried again.
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

    /// <summary>Its name, which is that of its reader in the queue.</summary>
    public string Name { get; }

    /// <summary>The position of the next message, of a join in its left queue, as of the last step.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>Messages read since it was opened, those of other schemas included.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>What it has taken, made and used since it was opened. Each number is right, and they need not be of the same
    /// moment.</summary>
    public PipelineUsage Usage =>
        new(Read, Volatile.Read(ref _bytesRead), Volatile.Read(ref _made), Volatile.Read(ref _bytesMade), Volatile.Read(ref _cpuNanos));

    /// <summary>Whether the processor time of the thread in <see cref="Run"/> or <see cref="RunToEnd"/> is counted in <see cref="Usage"/>:
    /// a system call for each step, of up to 4,096 messages, and each wait. False by default; set before it runs.</summary>
    public bool IsCpuMetered { get; set; }

    /// <summary>Who is told of its messages, until what becomes of them is permanent; null where nobody asks. Set before it runs.</summary>
    internal MessageObserver? Observer
    {
        get;
        set
        {
            field = value;
            _run.Observer = value;
        }
    }

    /// <summary>Bytes of memory in which results are held back.</summary>
    internal long BufferBytes => _run.BufferBytes;

    /// <summary>Messages of other schemas that were passed.</summary>
    public long Passed => _run.Passed;

    /// <summary>Events that came too late for every window, or for a join, since the pipeline first began; kept through kills. 0 without
    /// windows.</summary>
    public long Late => _run.Progress is { } progress ? Volatile.Read(ref progress[ProgressKey.Late]) : 0;

    /// <summary>Events that a throttle held back for good, since the pipeline first began; kept through kills.</summary>
    public long Dropped => _run.Progress is { } progress ? Volatile.Read(ref progress[ProgressKey.Dropped]) : 0;

    /// <summary>Results of an operator with a state that could not be made and were left out, since the pipeline first began; kept through
    /// kills.</summary>
    public long LeftOut => Volatile.Read(ref _leftOut);

    /// <summary>The watermark in nanoseconds since 1970 UTC: no more events up to that time are waited for. <see cref="long.MinValue"/>
    /// before the first event, and without windows.</summary>
    public long Watermark => _run.Progress is { } progress ? Volatile.Read(ref progress[ProgressKey.Watermark]) : EventTime.None;

    /// <summary>Takes all messages that are there.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="Core.EstreamFormatException">The next message is of another version of the schema, or not whole. It is not passed:
    /// leave it out with another pipeline, or bring the schema up to date.</exception>
    /// <exception cref="Core.EstreamCorruptionException">What is there is not a message of the queue; file and offset are
    /// named.</exception>
    /// <exception cref="Core.EstreamStorageException">The results need space and the disk is full, or the queue has given up what comes
    /// next.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
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

    /// <summary>Takes all messages, those that are there and those to come, until it is cancelled. The thread sleeps while there is
    /// none.</summary>
    /// <param name="cancellationToken">Ends it; what was read is permanent then.</param>
    /// <inheritdoc cref="RunToEnd" path="/exception"/>
    public void Run(CancellationToken cancellationToken) => RunAtPace(null, cancellationToken);

    /// <summary>The same at the pace that somebody sets.</summary>
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
            // It was asleep.
        }
        finally
        {
            TakeCpu();
        }
    }

    /// <summary>Takes back all results, and begins again with the oldest message the queue keeps.</summary>
    /// <exception cref="NotSupportedException">The results are in a queue.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void StartOver()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _run.StartOver();
        Volatile.Write(ref _position, _run.Position);
        Volatile.Write(ref _leftOut, CurrentLeftOut);
    }

    /// <summary>Gives the name back. What was not made permanent comes again. Idempotent.</summary>
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

/// <summary>What a pipeline has taken, made and used since it was opened. What comes again after a failure counts again.</summary>
/// <param name="Read">Messages read, those of other schemas included.</param>
/// <param name="BytesRead">Bytes of these messages, without what the queue puts around them.</param>
/// <param name="Written">Results that are permanent: messages appended, entries put into a map.</param>
/// <param name="BytesWritten">Bytes of these messages and entries; of an entry its key and its value as they lie in the map. What a sub-lex
/// keeps apart is not counted.</param>
/// <param name="CpuNanos">Processor time of the thread that runs it, in nanoseconds, as the system counts it; 0 where it is not Linux. See
/// <see cref="EsfPipeline.IsCpuMetered"/>.</param>
public readonly record struct PipelineUsage(long Read, long BytesRead, long Written, long BytesWritten, long CpuNanos)
{
    /// <summary>Both together.</summary>
    public static PipelineUsage operator +(PipelineUsage one, PipelineUsage other) =>
        new(one.Read + other.Read, one.BytesRead + other.BytesRead, one.Written + other.Written, one.BytesWritten + other.BytesWritten,
            one.CpuNanos + other.CpuNanos);

    /// <summary>What came since an earlier usage of the same pipeline.</summary>
    public static PipelineUsage operator -(PipelineUsage later, PipelineUsage earlier) =>
        new(later.Read - earlier.Read, later.BytesRead - earlier.BytesRead, later.Written - earlier.Written,
        later.BytesWritten - earlier.BytesWritten,
            later.CpuNanos - earlier.CpuNanos);

    /// <inheritdoc cref="op_Addition"/>
    public static PipelineUsage Add(PipelineUsage one, PipelineUsage other) => one + other;

    /// <inheritdoc cref="op_Subtraction"/>
    public static PipelineUsage Subtract(PipelineUsage later, PipelineUsage earlier) => later - earlier;
}
