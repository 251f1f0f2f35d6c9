using Estream.Circuits.Running;
using Estream.Core;

namespace Estream.Circuits.Observing;

/// <summary>
/// Distributes the trace budget over the traced streams and collects their traces, on one thread, which is started when the first stream
/// is traced. Thread-safe.
/// </summary>
internal sealed class TraceBudgetLoop : IAsyncDisposable
{
    private const string ThreadName = "estream-sight";

    // A rate measured over less time is too inaccurate.
    private const long LeastNanos = 20_000_000;

    // A tape holds a thousand traces. If one stream produces 20,000 traces per second, its tape is at most half full.
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(25);

    private readonly StreamObservationOptions _options;
    private readonly IClock _clock;
    private readonly Func<IEnumerable<StreamObservation>> _streams;
    private readonly PollingThread _thread;
    private readonly Lock _look = new();
    private long? _last;

    /// <param name="options">How closely streams are observed.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="streams">Returns the current streams.</param>
    public TraceBudgetLoop(StreamObservationOptions options, IClock clock, Func<IEnumerable<StreamObservation>> streams)
    {
        (_options, _clock, _streams) = (options, clock, streams);
        _thread = new PollingThread(ThreadName, () => DealBudget() ? s_every : Timeout.InfiniteTimeSpan);
    }

    /// <summary>Starts or wakes the thread.</summary>
    public void Begin() => _thread.Begin();

    /// <summary>Collects traces, ends levels whose time is over, and distributes the budget for the next interval.</summary>
    /// <returns>Whether any stream needs further calls.</returns>
    public bool DealBudget()
    {
        lock (_look)
        {
            long now = _clock.MonotonicNanos;
            StreamObservation[] all = [.. _streams()];
            foreach (StreamObservation stream in all)
            {
                stream.Take();
                stream.Expire(now);
            }

            if (_last is not { } last || now - last >= LeastNanos)
            {
                Deal(all, now - (_last ?? now));
                _last = now;
            }

            return all.Any(stream => stream.NeedsPolling);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _thread.DisposeAsync().ConfigureAwait(false);

        // Emit the last traces.
        _ = DealBudget();
    }

    private void Deal(StreamObservation[] all, long nanos)
    {
        double part = _options.TracesPerSecond / (double)Math.Max(1, all.Count(stream => stream.IsTracing));
        foreach (StreamObservation stream in all)
        {
            stream.Provide(part, nanos);
        }
    }
}
