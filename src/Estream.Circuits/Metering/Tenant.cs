using Estream.Streams;

namespace Estream.Circuits.Metering;

/// <summary>A tenant, with the budgets its circuits share. Thread-safe.</summary>
internal sealed class Tenant
{
    private readonly Lock _lock = new();
    private readonly (RateBudget Budget, Func<PipelineUsage, long> Amount)[] _budgets;
    private long _waitedNanos;
    private volatile bool _isFull;

    public Tenant(string name, TenantLimits limits)
    {
        (Name, Limits) = (name, limits);
        (long? PerSecond, Func<PipelineUsage, long> Amount)[] rates =
        [
            (limits.OperationsPerSecond, used => used.Read + used.Written),
            (limits.CpuMillis * 1_000_000, used => used.CpuNanos),
            (limits.IngressBytesPerSecond, used => used.BytesRead),
            (limits.EgressBytesPerSecond, used => used.BytesWritten),
        ];
        _budgets = [.. rates.Where(rate => rate.PerSecond is not null)
            .Select(rate => (new RateBudget(rate.PerSecond!.Value), rate.Amount))];
    }

    public string Name { get; }

    public TenantLimits Limits { get; }

    /// <summary>The total delay of the tenant's circuits, in nanoseconds.</summary>
    public long WaitedNanos => Volatile.Read(ref _waitedNanos);

    /// <summary>Whether the files of the tenant exceed the storage limit. While they do, its circuits read no messages.</summary>
    public bool IsFull
    {
        get => _isFull;
        set => _isFull = value;
    }

    /// <summary>Whether any limit applies.</summary>
    public bool HasLimits => _budgets.Length > 0 || Limits.StorageBytes is not null;

    /// <summary>Charges usage to the budgets.</summary>
    /// <param name="used">The usage.</param>
    /// <param name="now">Nanoseconds of a monotonic clock.</param>
    /// <returns>How many nanoseconds to wait before using more.</returns>
    public long Use(PipelineUsage used, long now)
    {
        long wait = 0;
        lock (_lock)
        {
            foreach ((RateBudget budget, Func<PipelineUsage, long> amount) in _budgets)
            {
                wait = Math.Max(wait, budget.Use(amount(used), now));
            }
        }

        return wait;
    }

    public void Waited(long nanos) => Interlocked.Add(ref _waitedNanos, nanos);
}

/// <summary>
/// A rate limit: a leaky bucket without a queue (the generic cell rate algorithm of ITU-T I.371), which returns how long to wait after
/// each use. Not thread-safe.
/// </summary>
/// <param name="perSecond">The amount allowed per second.</param>
internal sealed class RateBudget(long perSecond)
{
    private const long NanosPerSecond = 1_000_000_000;

    // The burst allowed after an idle period: a wait shorter than the wake-up time of a thread is not worthwhile.
    private const long BurstNanos = 50_000_000;

    // The time at which the amount used so far is paid off at the allowed rate.
    private long _usedUpAt = long.MinValue;

    /// <summary>Charges an amount.</summary>
    /// <param name="amount">The amount used.</param>
    /// <param name="now">Nanoseconds of a monotonic clock.</param>
    /// <returns>How many nanoseconds to wait before using more.</returns>
    public long Use(long amount, long now)
    {
        Int128 cost = (Int128)amount * NanosPerSecond / perSecond;
        _usedUpAt = (long)Int128.Min(Math.Max(_usedUpAt, now) + cost, long.MaxValue);
        return Math.Max(0, _usedUpAt - now - BurstNanos);
    }
}
