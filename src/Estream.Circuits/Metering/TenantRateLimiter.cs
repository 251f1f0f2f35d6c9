using Estream.Core;
using Estream.Streams;
using Estream.Streams.Operators;

namespace Estream.Circuits.Metering;

/// <summary>Holds a pipeline, or an operation, to what its tenant may use. One for each, on its thread.</summary>
/// <param name="tenant">Who may not use more.</param>
/// <param name="clock">What rates are measured by.</param>
/// <param name="isStoring">Whether it stores something: what only reads or frees does not wait for room, since it may be what makes
/// it.</param>
internal sealed class TenantRateLimiter(Tenant tenant, IClock clock, bool isStoring = true) : IPipelineRateLimiter
{
    private const long NanosPerTick = 100;

    /// <summary>So long at most is waited before it is asked again whether the host stops or there is room again.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private PipelineUsage _before;
    private volatile bool _isEnded;

    private bool WaitsForCapacity => isStoring && tenant.IsFull;

    /// <summary>Ends the wait there is, and has none begin. Thread-safe.</summary>
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
            // For room as long as a look, whether or not there is some since it was asked.
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
