using Estream.Core;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines;

/// <summary>
/// Has a declared pipeline run on threads of its own until it is stopped. What fails is tried again, after longer and longer, and stops
/// nothing else; nothing is lost meanwhile. Thread-safe.
/// </summary>
public sealed class PipelineRunner : IAsyncDisposable
{
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(5);

    // What Linux shows of it: 15 characters.
    internal const string ThreadName = "estream-pipelin";

    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IPipelineRateLimiter>? _pace;
    private Thread[] _threads = [];
    private volatile Failing? _failing;
    private long _failures;
    private int _isDisposed;

    /// <summary>Prepares it; nothing runs yet.</summary>
    /// <param name="running">The pipeline, which belongs to the runner from here on.</param>
    public PipelineRunner(RunningPipeline running)
        : this(running, null)
    {
    }

    /// <param name="running">The pipeline.</param>
    /// <param name="pace">Makes what holds each of its threads back; null where nothing does.</param>
    internal PipelineRunner(RunningPipeline running, Func<IPipelineRateLimiter>? pace)
    {
        ArgumentNullException.ThrowIfNull(running);
        Running = running;
        _pace = pace;
    }

    /// <summary>The pipeline. Only its counters are to be used while it runs.</summary>
    public RunningPipeline Running { get; }

    /// <summary>Is told why it stands still, once for each reason in turn, on the thread that failed.</summary>
    public Action<string>? Failed { get; init; }

    /// <summary>Waits before what failed is tried again, and no longer than until it is stopped; by the machine's clock where nothing else
    /// is said.</summary>
    internal Action<TimeSpan, CancellationToken> Pause { get; init; } = static (pause, stop) => stop.WaitHandle.WaitOne(pause);

    /// <summary>Why it stands still; null when it goes on.</summary>
    public string? Failure => _failing is { } failing && failing.Pipeline.Read == failing.At ? failing.Message : null;

    /// <summary>How often it failed, and was tried again.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Begins.</summary>
    /// <exception cref="InvalidOperationException">It has begun before.</exception>
    public void Start()
    {
        if (_threads.Length > 0)
        {
            throw new InvalidOperationException($"The pipeline '{Running.Declaration.Name}' runs already.");
        }

        _threads = [.. All.Select(pipeline => new Thread(() => Run(pipeline)) { IsBackground = true, Name = ThreadName })];
        Array.ForEach(_threads, static thread => thread.Start());
    }

    /// <summary>Ends it, behind what it is doing. What it has read is permanent then. Idempotent.</summary>
    public Task StopAsync() => Volatile.Read(ref _isDisposed) == 0 ? EndAsync() : Task.CompletedTask;

    /// <summary>Ends it and gives everything back, also where it was stopped before. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await EndAsync().ConfigureAwait(false);
            Running.Dispose();
            _stop.Dispose();
        }
    }

    private IEnumerable<EsfPipeline> All => Running.Rejects.Prepend(Running.Results);

    private async Task EndAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.Run(() => Array.ForEach(_threads, static thread => thread.Join())).ConfigureAwait(false);
    }

    private void Run(EsfPipeline pipeline)
    {
        IPipelineRateLimiter? pace = _pace?.Invoke();
        TimeSpan retry = s_firstRetry;
        while (!_stop.IsCancellationRequested)
        {
            long before = pipeline.Read;
            try
            {
                pipeline.RunAtPace(pace, _stop.Token);
            }
            catch (Exception failure)
            {
                // The top of a thread: whatever it is, it stands for itself alone, and is told.
                retry = pipeline.Read > before ? s_firstRetry : retry;
                ReportFailure(pipeline, failure);
                Pause(retry, _stop.Token);
                retry = retry * 2 < s_lastRetry ? retry * 2 : s_lastRetry;
            }
        }
    }

    private void ReportFailure(EsfPipeline pipeline, Exception failure)
    {
        string message = failure is EstreamException or ArgumentException or InvalidOperationException
            ? failure.Message
            : failure.ToString();
        string? told = _failing?.Message;
        _ = Interlocked.Increment(ref _failures);
        _failing = new Failing(pipeline, pipeline.Read, message);
        if (told != message)
        {
            Failed?.Invoke(message);
        }
    }

    private sealed record Failing(EsfPipeline Pipeline, long At, string Message);
}
