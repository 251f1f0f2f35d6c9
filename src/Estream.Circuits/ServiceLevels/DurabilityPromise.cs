using Estream.Queue;

namespace Estream.Circuits.ServiceLevels;

/// <summary>That results are on the device in time. What is looked at is an end of the queue seen once: a time that is measured is too
/// short by up to the time between two looks.</summary>
internal sealed class DurabilityPromise(ServiceLevel level, IReadOnlyList<EstreamQueue> queues)
    : Promise("durability", $"on the device within {TimeText.Of(level.Durability!.Value)}")
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

        return (longest == TimeSpan.Zero ? "" : $"not on the device after {TimeText.Of(longest)}", longest <= level.Durability!.Value);
    }

    // A log that nobody has appended to has nothing to bring to the device, though its first message would not lie at position 0.
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
