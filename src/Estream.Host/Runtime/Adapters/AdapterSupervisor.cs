using System.Collections.Concurrent;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Starts adapters again that have ended on their own: after a wait that doubles from one second to a minute, with jitter, until one runs.
/// An adapter that has run for a minute begins with the shortest wait again.
/// </summary>
internal sealed partial class AdapterSupervisor(AdapterUpdater updater, ILogger<AdapterSupervisor> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, History> _histories = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>The upper end of the first wait. Set it before <see cref="Watch"/>.</summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The upper end of every wait, and how long an adapter has to run to count as recovered.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Begins to restart the adapters of a set.</summary>
    public void Watch(AdapterSet set) => set.Ended = runtime => _ = Task.Run(() => RestartAsync(runtime));

    /// <summary>Ends the waits. A restart that has begun is waited for by <see cref="AdapterUpdater.EndAsync()"/>.</summary>
    public void End() => _ending.Cancel();

    public void Dispose() => _ending.Dispose();

    private async Task RestartAsync(AdapterRuntime ended)
    {
        History history = _histories.GetOrAdd(ended.Name, _ => new History(new Backoff(FirstWait, LongestWait, Random.Shared)));
        for (AdapterRuntime? runtime = ended; runtime?.Failure is { } reason && !_ending.IsCancellationRequested;)
        {
            TimeSpan wait = history.NextWait(hasRecovered: runtime.Uptime > LongestWait);
            runtime.Fail($"{reason} It is started again within {Math.Ceiling(wait.TotalSeconds):0} s.");
            try
            {
                await Task.Delay(wait, _ending.Token).ConfigureAwait(false);
                runtime = await updater.RestartAsync(runtime).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The host stops.
                return;
            }

            if (runtime?.Failure is { } again)
            {
                LogNotStarted(logger, runtime.Name, again);
            }
            else if (runtime is not null)
            {
                LogRestarted(logger, runtime.Name, runtime.Restarts);
            }
        }
    }

    [LoggerMessage(EventId = 64, Level = LogLevel.Warning, Message = "Adapter {Adapter} was started again ({Restarts} restarts so far).")]
    private static partial void LogRestarted(ILogger logger, string adapter, long restarts);

    [LoggerMessage(EventId = 65, Level = LogLevel.Error, Message = "Adapter {Adapter} could not be started again: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string adapter, string reason);

    private sealed class History(Backoff backoff)
    {
        private readonly Lock _gate = new();

        public TimeSpan NextWait(bool hasRecovered)
        {
            lock (_gate)
            {
                if (hasRecovered)
                {
                    backoff.Reset();
                }

                return backoff.Next();
            }
        }
    }
}
