using Estream.Core;
using Estream.Streams;
using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <summary>A declared pipeline on its threads. What fails is tried again until it goes on, or the host stops: nothing is left out.</summary>
internal sealed partial class PipelineRuntime(RunningPipeline running, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private volatile Failing? _failing;

    public RunningPipeline Running => running;

    /// <summary>Why it stands still; null when it goes on.</summary>
    public string? Failure => _failing is { } failing && failing.Pipeline.Read == failing.At ? failing.Message : null;

    public void Start()
    {
        _run = Task.WhenAll(running.Rejects.Prepend(running.Results).Select(pipeline => Task.Factory.StartNew(() => Run(pipeline), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        running.Dispose();
        _stop.Dispose();
    }

    private void Run(EsfPipeline pipeline)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                pipeline.Run(_stop.Token);
            }
            catch (Exception e) when (e is EstreamException or ArgumentException or InvalidOperationException)
            {
                if (_failing?.Message != e.Message)
                {
                    LogFailure(logger, pipeline.Name, e.Message);
                }

                _failing = new Failing(pipeline, pipeline.Read, e.Message);
                _ = _stop.Token.WaitHandle.WaitOne(s_retryAfter);
            }
        }
    }

    [LoggerMessage(EventId = 61, Level = LogLevel.Error, Message = "Pipeline {Pipeline} stands still, and tries again: {Reason}")]
    private static partial void LogFailure(ILogger logger, string pipeline, string reason);

    private sealed record Failing(EsfPipeline Pipeline, long At, string Message);
}
