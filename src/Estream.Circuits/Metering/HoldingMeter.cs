namespace Estream.Circuits.Metering;

/// <summary>Looks from time to time how much circuits hold on disk, and for how long they have; and has somebody look at what else is to be seen then. Thread-safe.</summary>
internal sealed class HoldingMeter(CircuitRuntimeOptions options, Func<HeldStorage[]> circuits, Action look) : IAsyncDisposable
{
    private const double NanosPerSecond = 1e9;

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private Task? _run;
    private long _last;

    /// <summary>Begins to look. Idempotent.</summary>
    public void Begin()
    {
        if (_run is null)
        {
            _last = options.Clock.MonotonicNanos;
            _run = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Looks now, and has the rest looked at.</summary>
    public void Sample()
    {
        lock (_lock)
        {
            Measure();
            look();
        }
    }

    /// <summary>Looks now how much circuits hold.</summary>
    public void Measure()
    {
        HeldStorage[] all = circuits();
        lock (_lock)
        {
            long now = options.Clock.MonotonicNanos;
            double seconds = Math.Max(0, now - _last) / NanosPerSecond;
            _last = now;
            Dictionary<string, int> writers = all.SelectMany(circuit => circuit.Directories).CountBy(directory => directory, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
            Dictionary<string, int> appending = all.SelectMany(circuit => circuit.QueuesWritten).CountBy(queue => queue, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
            Dictionary<string, long> sizes = writers.ToDictionary(directory => directory.Key, directory => StoredBytes.In(directory.Key) / directory.Value, StringComparer.Ordinal);
            foreach (HeldStorage circuit in all)
            {
                long attestations = options.AttestationsOf is { } count ? circuit.QueuesWritten.Sum(queue => count(queue) / appending[queue]) : 0;
                circuit.Take(circuit.Directories.Sum(directory => sizes[directory]), attestations, seconds);
            }

            foreach (IGrouping<Tenant, HeldStorage> tenant in all.GroupBy(circuit => circuit.Account))
            {
                tenant.Key.IsFull = tenant.Sum(circuit => circuit.Now.Bytes) > (tenant.Key.Limits.StorageBytes ?? long.MaxValue);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_run is { } run)
        {
            await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Token.WaitHandle.WaitOne(options.SampleEvery))
        {
            Sample();
        }
    }
}
