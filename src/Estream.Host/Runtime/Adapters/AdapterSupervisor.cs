using System.Collections.Concurrent;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Restarts adapters that ended unexpectedly, after a delay that doubles from one second to a minute, with jitter. The delay is reset once
/// an adapter has run for a minute.
/// </summary>
internal sealed partial class AdapterSupervisor(AdapterUpdater updater, ILogger<AdapterSupervisor> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, History> _histories = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>The upper bound of the first delay. Set it before <see cref="Watch"/>.</summary>
    public TimeSpan FirstWait { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The upper bound of all delays, and the time an adapter must run to count as recovered.</summary>
    public TimeSpan LongestWait { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Starts to supervise the adapters of a set.</summary>
    public void Watch(AdapterSet set) => set.Ended = runtime => _ = Task.Run(() => RestartAsync(runtime));

    /// <summary>Cancels pending delays. <see cref="AdapterUpdater.EndAsync()"/> waits for a restart in progress.</summary>
    public void End() => _ending.Cancel();

    public void Dispose() => _ending.Dispose();

    private async Task RestartAsync(AdapterRuntime ended)
    {
        History history = _histories.GetOrAdd(ended.Name, _ => new History(new Backoff(FirstWait, LongestWait, Random.Shared)));
        for (AdapterRuntime? runtime = ended; runtime?.Failure is { } reason && !_ending.IsCancellationRequested;)
        {
            TimeSpan wait = history.NextWait(hasRecovered: runtime.Uptime > LongestWait);
            runtime.Fail($"{reason} The adapter is restarted within {Math.Ceiling(wait.TotalSeconds):0} s.");
            try
            {
                await Task.Delay(wait, _ending.Token).ConfigureAwait(false);
                runtime = await updater.RestartAsync(runtime).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The host is stopping.
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

    [LoggerMessage(EventId = 64, Level = LogLevel.Warning, Message = "Adapter {Adapter} was restarted ({Restarts} restarts so far).")]
    private static partial void LogRestarted(ILogger logger, string adapter, long restarts);

    [LoggerMessage(EventId = 65, Level = LogLevel.Error, Message = "Adapter {Adapter} could not be restarted: {Reason}")]
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
