using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Estream.Marketplace.Server.Http;

/// <summary>Bounds the requests of a class that run and wait at the same time.</summary>
internal static class RequestGate
{
    /// <summary>Creates a gate, which needs no disposal.</summary>
    /// <param name="atOnce">The number of requests that run.</param>
    /// <param name="waiting">The number of requests that wait.</param>
    public static ConcurrencyLimiter Create(int atOnce, int waiting) => new(new ConcurrencyLimiterOptions
    {
        PermitLimit = atOnce, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });
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
