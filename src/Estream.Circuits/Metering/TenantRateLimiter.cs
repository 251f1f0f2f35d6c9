using Estream.Core;
using Estream.Streams;
using Estream.Streams.Operators;

namespace Estream.Circuits.Metering;

/// <summary>Holds a pipeline or an operation to the limits of its tenant. One instance for each pipeline or operation, used on its
/// thread.</summary>
/// <param name="tenant">The tenant.</param>
/// <param name="clock">The clock by which rates are measured.</param>
/// <param name="isStoring">Whether the pipeline or operation stores data. Operations that only read or free data do not wait for the
/// storage limit, because freeing data may bring the tenant below the limit.</param>
internal sealed class TenantRateLimiter(Tenant tenant, IClock clock, bool isStoring = true) : IPipelineRateLimiter
{
    private const long NanosPerTick = 100;

    /// <summary>The longest wait before cancellation and the storage limit are checked again.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private PipelineUsage _before;
    private volatile bool _isEnded;

    private bool WaitsForCapacity => isStoring && tenant.IsFull;

    /// <summary>Ends the current wait and prevents further waits. Thread-safe.</summary>
    public void End() => _isEnded = true;

    /// <inheritdoc/>
    public void Keep(in PipelineUsage used, CancellationToken cancellationToken)
    {
        PipelineUsage since = used - _before;
        _before = used;
        long begin = clock.MonotonicNanos;
        long wait = tenant.Use(since, begin);
        if (wait == 0 && !WaitsForCapacity)
        {
            return;
        }

        long until = begin + wait;
        for (long now = begin; !_isEnded && (now < until || WaitsForCapacity); now = clock.MonotonicNanos)
        {
            // While the storage limit blocks, wait one interval, even if space became free after the check.
            long left = now < until ? ((until - now) / NanosPerTick) + 1 : s_look.Ticks;
            if (cancellationToken.WaitHandle.WaitOne(TimeSpan.FromTicks(Math.Min(s_look.Ticks, left))))
            {
                break;
            }
        }

        tenant.Waited(clock.MonotonicNanos - begin);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
