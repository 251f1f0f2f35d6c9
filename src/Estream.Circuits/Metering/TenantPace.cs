using Estream.Core;
using Estream.Streams;
using Estream.Streams.Operators;

namespace Estream.Circuits.Metering;

/// <summary>Holds a pipeline to what its tenant may use. One for each pipeline, on its thread.</summary>
internal sealed class TenantPace(Tenant tenant, IClock clock) : IPipelinePace
{
    private const long NanosPerTick = 100;

    /// <summary>So long at most is waited before it is asked again whether the host stops or there is room again.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private PipelineUsage _before;

    /// <inheritdoc/>
    public void Keep(in PipelineUsage used, CancellationToken cancellationToken)
    {
        PipelineUsage since = used - _before;
        _before = used;
        long begin = clock.MonotonicNanos;
        long wait = tenant.Use(since, begin);
        if (wait == 0 && !tenant.IsFull)
        {
            return;
        }

        long until = begin + wait;
        for (long now = begin; now < until || tenant.IsFull; now = clock.MonotonicNanos)
        {
            TimeSpan left = tenant.IsFull ? s_look : TimeSpan.FromTicks(Math.Min(s_look.Ticks, ((until - now) / NanosPerTick) + 1));
            if (cancellationToken.WaitHandle.WaitOne(left))
            {
                break;
            }
        }

        tenant.Waited(clock.MonotonicNanos - begin);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
