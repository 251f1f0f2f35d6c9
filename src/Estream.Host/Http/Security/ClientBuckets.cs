using System.Collections.Concurrent;
using System.Net;
using System.Threading.RateLimiting;
using Estream.Core;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>
/// A token bucket for each client address. Unlike a partitioned limiter of .NET, which wakes ten times a second, the buckets are refilled
/// when they are used. Thread-safe.
/// </summary>
/// <param name="maxClients">The maximum number of buckets. Further addresses share one bucket.</param>
/// <param name="perSecond">The number of requests of a client in a second.</param>
/// <param name="burst">The number of requests of a client at once.</param>
internal sealed class ClientBuckets(int maxClients = 10_000, int perSecond = RequestLimits.RequestsPerSecond,
    int burst = RequestLimits.BurstRequests)
{
    private const long SweepNanos = 1_000_000_000;

    private readonly ConcurrentDictionary<IPAddress, TokenBucketRateLimiter> _buckets = [];
    private readonly TokenBucketRateLimiter _shared = NewBucket(perSecond, burst);
    private long _nextSweep;

    /// <summary>Takes a token. Returns false if the client has none.</summary>
    /// <param name="client">The address; null if the connection has none.</param>
    public bool TryTake(IPAddress? client)
    {
        TokenBucketRateLimiter bucket = BucketOf(client is null ? IPAddress.None : CountedAddress.Of(client));
        _ = bucket.TryReplenish();
        using RateLimitLease lease = bucket.AttemptAcquire();
        return lease.IsAcquired;
    }

    private static TokenBucketRateLimiter NewBucket(int perSecond, int burst) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = burst,
        TokensPerPeriod = perSecond,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
        AutoReplenishment = false,
    });

    private TokenBucketRateLimiter BucketOf(IPAddress client)
    {
        if (_buckets.TryGetValue(client, out TokenBucketRateLimiter? bucket))
        {
            return bucket;
        }

        if (_buckets.Count >= maxClients)
        {
            RemoveFull();
        }

        return _buckets.Count < maxClients ? _buckets.GetOrAdd(client, _ => NewBucket(perSecond, burst)) : _shared;
    }

    // A full bucket is equal to a new one.
    private void RemoveFull()
    {
        long now = SystemClock.Instance.MonotonicNanos;
        long due = Interlocked.Read(ref _nextSweep);
        if (now < due || Interlocked.CompareExchange(ref _nextSweep, now + SweepNanos, due) != due)
        {
            return;
        }

        foreach ((IPAddress client, TokenBucketRateLimiter bucket) in _buckets)
        {
            _ = bucket.TryReplenish();
            if (bucket.IdleDuration is not null)
            {
                _ = _buckets.TryRemove(client, out _);
            }
        }
    }
}
