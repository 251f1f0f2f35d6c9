using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Estream.Marketplace.Server.Http;

/// <summary>Bounds the requests of a class that run and wait at the same time. Thread-safe.</summary>
/// <param name="atOnce">The number of requests that run.</param>
/// <param name="waiting">The number of requests that wait.</param>
#pragma warning disable CA1001 // The semaphore has no wait handle, so there is nothing to dispose.
internal sealed class RequestGate(int atOnce, int waiting)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _permits = new(atOnce, atOnce);
    private int _present;

    /// <summary>Takes a permit; null if too many requests wait. Dispose the permit to return it.</summary>
    public async Task<IDisposable?> EnterAsync(CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _present) > atOnce + waiting)
        {
            _ = Interlocked.Decrement(ref _present);
            return null;
        }

        try
        {
            await _permits.WaitAsync(cancellation).ConfigureAwait(false);
            return new Permit(this);
        }
        catch
        {
            _ = Interlocked.Decrement(ref _present);
            throw;
        }
    }

    private sealed class Permit(RequestGate gate) : IDisposable
    {
        private RequestGate? _gate = gate;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _gate, null) is { } held)
            {
                _ = held._permits.Release();
                _ = Interlocked.Decrement(ref held._present);
            }
        }
    }
}

/// <summary>Bounds the requests of each caller in a minute. Thread-safe.</summary>
/// <param name="perMinute">The number of requests.</param>
internal sealed class CallerPace(int perMinute)
{
    private const int MaxCallers = 10_000;

    private readonly ConcurrentDictionary<string, TokenBucketRateLimiter> _buckets = new(StringComparer.Ordinal);

    /// <summary>Counts a request; false if the caller has sent too many.</summary>
    public bool TryTake(string caller)
    {
        string key = _buckets.Count < MaxCallers || _buckets.ContainsKey(caller) ? caller : "";
        TokenBucketRateLimiter bucket = _buckets.GetOrAdd(key, _ => new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = perMinute,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1),
            QueueLimit = 0,
            AutoReplenishment = false,
        }));
        _ = bucket.TryReplenish();
        using RateLimitLease lease = bucket.AttemptAcquire();
        return lease.IsAcquired;
    }
}
