using Estream.Circuits.Running;
using Estream.Core;

namespace Estream.Circuits.Observing;

/// <summary>
/// Deals the budget out to the streams that are traced, and takes what was, on one thread, which is there from the first stream on that is
/// traced. Thread-safe.
/// </summary>
internal sealed class TraceBudgetLoop : IAsyncDisposable
{
    private const string ThreadName = "estream-sight";

    // Nothing is said of a rate that was looked at for less.
    private const long LeastNanos = 20_000_000;

    // A tape takes a thousand traces: 20,000 a second of one stream are no more than half of it.
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(25);

    private readonly StreamObservationOptions _options;
    private readonly IClock _clock;
    private readonly Func<IEnumerable<StreamObservation>> _streams;
    private readonly PollingThread _thread;
    private readonly Lock _look = new();
    private long? _last;

    /// <param name="options">How closely streams are looked at.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="streams">The streams there are.</param>
    public TraceBudgetLoop(StreamObservationOptions options, IClock clock, Func<IEnumerable<StreamObservation>> streams)
    {
        (_options, _clock, _streams) = (options, clock, streams);
        _thread = new PollingThread(ThreadName, () => DealBudget() ? s_every : Timeout.InfiniteTimeSpan);
    }

    /// <summary>There is something to look at.</summary>
    public void Begin() => _thread.Begin();

    /// <summary>Takes what was traced, ends what was asked for some time, and deals out what may be traced next.</summary>
    /// <returns>Whether there is something to look at.</returns>
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

        // What was traced last is told too.
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
