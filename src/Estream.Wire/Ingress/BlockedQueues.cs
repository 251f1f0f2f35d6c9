namespace Estream.Wire;

/// <summary>Reports once that a queue of an adapter cannot be written, tries to write again, and reports when all queues can be written.
/// Thread-safe.</summary>
/// <param name="routes">The routes to the queues.</param>
/// <param name="events">Receives the reports.</param>
/// <param name="effect">What stops while a queue cannot be written, as in <c>devices are not polled</c>.</param>
/// <param name="recovery">What resumes when all queues can be written, as in <c>devices are polled again</c>.</param>
internal sealed class BlockedQueues(IngressRoutes routes, AdapterEventLog events, string effect, string recovery)
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(200);

    private int _isReported;

    /// <summary>The health of an adapter with a queue that cannot be written; null if all queues can be written.</summary>
    public HealthStatus? Health => routes.Failure is { } failure ? HealthStatus.Unhealthy(Describe(failure.Message)) : null;

    /// <summary>Reports that a queue cannot be written, unless the report was made before.</summary>
    public void Report()
    {
        if (Interlocked.Exchange(ref _isReported, 1) == 0)
        {
            events.Report(AdapterEventKind.StorageBlocked, Describe(routes.Failure?.Message ?? "the cause has just ended."));
        }
    }

    /// <summary>Tries to write five times a second, until cancelled.</summary>
    public async Task RetryAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            routes.Retry();
            if (routes.Failure is null && Interlocked.Exchange(ref _isReported, 0) == 1)
            {
                events.Report(AdapterEventKind.StorageRecovered, $"The queue can be written again, and {recovery}.");
            }

            await Task.Delay(s_retryInterval, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string Describe(string cause) => $"A queue cannot be written, so {effect}: {cause}";
}
