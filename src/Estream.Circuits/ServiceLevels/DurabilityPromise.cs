using Estream.Queue;

namespace Estream.Circuits.ServiceLevels;

/// <summary>The promise that results are durable in time. The promise samples the end position of each queue and waits until that position
/// is durable, so a measured time is too short by up to one sampling interval.</summary>
internal sealed class DurabilityPromise(ServiceLevel level, IReadOnlyList<EstreamQueue> queues)
    : Promise("durability", $"durable within {TimeText.Of(level.Durability!.Value)}")
{
    private readonly (long End, long Since)[] _seen = new (long, long)[queues.Count];

    protected override (string Measured, bool IsMet)? Measure(long now)
    {
        TimeSpan longest = TimeSpan.Zero;
        for (int i = 0; i < queues.Count; i++)
        {
            if (HasReached(queues[i], _seen[i].End))
            {
                _seen[i] = (queues[i].EndPosition(), now);
            }

            TimeSpan waits = TimeSpan.FromTicks((now - _seen[i].Since) / TimeSpan.NanosecondsPerTick);
            longest = waits > longest ? waits : longest;
        }

        return (longest == TimeSpan.Zero ? "" : $"not durable after {TimeText.Of(longest)}", longest <= level.Durability!.Value);
    }

    // An empty log has nothing to flush, even if its first message would not be at position 0.
    private static bool HasReached(EstreamQueue queue, long end)
    {
        if (queue.DurablePosition >= end)
        {
            return true;
        }

        using QueueTailer oldest = queue.CreateTailer();
        return oldest.Position >= end;
    }
}
