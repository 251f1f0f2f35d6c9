using Estream.Core;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines;

/// <summary>
/// Runs a declared pipeline on dedicated threads until it is stopped. After a failure it retries with increasing delays; a failure affects
/// no other pipeline, and no message is lost. Thread-safe.
/// </summary>
public sealed class PipelineRunner : IAsyncDisposable
{
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lastRetry = TimeSpan.FromSeconds(5);

    // The thread name, limited to the 15 characters that Linux shows.
    internal const string ThreadName = "estream-pipelin";

    private readonly CancellationTokenSource _stop = new();
    private readonly Func<IPipelineRateLimiter>? _pace;
    private Thread[] _threads = [];
    private volatile Failing? _failing;
    private long _failures;
    private int _isDisposed;

    /// <summary>Creates a runner without starting it.</summary>
    /// <param name="running">The pipeline; the runner takes ownership.</param>
    public PipelineRunner(RunningPipeline running)
        : this(running, null)
    {
    }

    /// <param name="running">The pipeline.</param>
    /// <param name="pace">Creates the rate limiter of each thread; null for no limit.</param>
    internal PipelineRunner(RunningPipeline running, Func<IPipelineRateLimiter>? pace)
    {
        ArgumentNullException.ThrowIfNull(running);
        Running = running;
        _pace = pace;
    }

    /// <summary>The pipeline. While it runs, use only its counters.</summary>
    public RunningPipeline Running { get; }

    /// <summary>Called with the reason of a failure, on the thread that failed; not repeated while the reason stays the same.</summary>
    public Action<string>? Failed { get; init; }

    /// <summary>Waits before a retry, at most until the runner is stopped; uses the system clock by default.</summary>
    internal Action<TimeSpan, CancellationToken> Pause { get; init; } = static (pause, stop) => stop.WaitHandle.WaitOne(pause);

    /// <summary>The reason why the pipeline makes no progress; null if it makes progress.</summary>
    public string? Failure => _failing is { } failing && failing.Pipeline.Read == failing.At ? failing.Message : null;

    /// <summary>The number of failures, each of which was retried.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Starts the pipeline.</summary>
    /// <exception cref="InvalidOperationException">The pipeline was already started.</exception>
    public void Start()
    {
        if (_threads.Length > 0)
        {
            throw new InvalidOperationException($"The pipeline '{Running.Declaration.Name}' is already running.");
        }

        _threads = [.. All.Select(pipeline => new Thread(() => Run(pipeline)) { IsBackground = true, Name = ThreadName })];
        Array.ForEach(_threads, static thread => thread.Start());
    }

    /// <summary>Stops the pipeline after its current step. The results of all messages it has read are then committed.
    /// Idempotent.</summary>
    public Task StopAsync() => Volatile.Read(ref _isDisposed) == 0 ? EndAsync() : Task.CompletedTask;

    /// <summary>Stops the pipeline and releases its resources, even if it was stopped before. Idempotent.</summary>
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
                // The thread continues after any exception: it affects this pipeline only, and is reported.
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
