using Estream.Streams;

namespace Estream.Circuits.Metering;

/// <summary>The budgets that the circuits of a tenant share. Thread-safe.</summary>
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

    /// <summary>For how long its circuits were held back, all together, in nanoseconds.</summary>
    public long WaitedNanos => Volatile.Read(ref _waitedNanos);

    /// <summary>Whether its files have more bytes than they may, and nothing is taken.</summary>
    public bool IsFull
    {
        get => _isFull;
        set => _isFull = value;
    }

    /// <summary>Whether nothing has to be asked.</summary>
    public bool HasLimits => _budgets.Length > 0 || Limits.StorageBytes is not null;

    /// <summary>Takes what was used from the budgets.</summary>
    /// <param name="used">What was used.</param>
    /// <param name="now">Nanoseconds on a clock that never goes back.</param>
    /// <returns>For how many nanoseconds nothing more may be used.</returns>
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
/// How much may be used per second: a leaky bucket without a queue (the generic cell rate algorithm of ITU-T I.371), which says how long to
/// wait behind what was used. Not thread-safe.
/// </summary>
/// <param name="perSecond">How much may be used per second.</param>
internal sealed class RateBudget(long perSecond)
{
    private const long NanosPerSecond = 1_000_000_000;

    // So much may be used at once after a rest: what is less than the time a thread needs to wake up is not worth a wait.
    private const long BurstNanos = 50_000_000;

    // When all that was used would have been used up at the rate.
    private long _usedUpAt = long.MinValue;

    /// <summary>Takes from the budget.</summary>
    /// <param name="amount">How much was used.</param>
    /// <param name="now">Nanoseconds on a clock that never goes back.</param>
    /// <returns>For how many nanoseconds nothing more may be used.</returns>
    public long Use(long amount, long now)
    {
        Int128 cost = (Int128)amount * NanosPerSecond / perSecond;
        _usedUpAt = (long)Int128.Min(Math.Max(_usedUpAt, now) + cost, long.MaxValue);
        return Math.Max(0, _usedUpAt - now - BurstNanos);
    }
}
