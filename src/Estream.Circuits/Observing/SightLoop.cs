using Estream.Core;

namespace Estream.Circuits.Observing;

/// <summary>
/// Deals the budget out to the streams that are traced, and takes what was, on one thread, which is there from the first stream on that is traced. Thread-safe.
/// </summary>
/// <param name="options">How closely streams are looked at.</param>
/// <param name="clock">What time it is.</param>
/// <param name="streams">The streams there are.</param>
internal sealed class SightLoop(StreamSightOptions options, IClock clock, Func<IEnumerable<StreamObservation>> streams) : IAsyncDisposable
{
    private const string ThreadName = "estream-sight";

    // Nothing is said of a rate that was looked at for less.
    private const long LeastNanos = 20_000_000;

    // A tape takes a thousand traces: 20,000 a second of one stream are no more than half of it.
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(25);

    private readonly Lock _lock = new();
    private readonly Lock _look = new();
    private readonly ManualResetEvent _stop = new(initialState: false);
    private readonly AutoResetEvent _wake = new(initialState: false);
    private Thread? _thread;
    private long? _last;
    private bool _isDisposed;

    /// <summary>There is something to look at.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _ = _wake.Set();
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = ThreadName };
                _thread.Start();
            }
        }
    }

    /// <summary>Takes what was traced, ends what was asked for some time, and deals out what may be traced next.</summary>
    /// <returns>Whether there is something to look at.</returns>
    public bool Look()
    {
        lock (_look)
        {
            long now = clock.MonotonicNanos;
            StreamObservation[] all = [.. streams()];
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

            return all.Any(stream => stream.IsToBeLookedAt);
        }
    }

    private void Deal(StreamObservation[] all, long nanos)
    {
        double part = options.TracesPerSecond / (double)Math.Max(1, all.Count(stream => stream.IsTracing));
        foreach (StreamObservation stream in all)
        {
            stream.Provide(part, nanos);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Thread? thread;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            thread = _thread;
        }

        _ = _stop.Set();
        await Task.Run(() => thread?.Join()).ConfigureAwait(false);

        // What was traced last is told too.
        _ = Look();
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        WaitHandle[] either = [_stop, _wake];
        TimeSpan wait;
        do
        {
            wait = Look() ? s_every : Timeout.InfiniteTimeSpan;
        }
        while (WaitHandle.WaitAny(either, wait) != 0);
    }
}
