using Estream.Core;

namespace Estream.Stress;

/// <summary>
/// Runs the two sides of a <see cref="SharedSignal"/> at the same moment. The publisher's load of the flag may complete while its store
/// still waits in the store buffer (x64 and arm64 both allow that). Without the waiter's barrier both sides can then miss each other.
/// </summary>
internal static class SignalStress
{
    private const long ThingOffset = 256;
    private const long WordOffset = 64;

    /// <returns>The round after which a waiter would have slept although the value had changed, or -1.</returns>
    public static long RoundsUntilALostWakeUp(long limit)
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionSpan memory = region.All;
        var signal = new SharedSignal(region, 0);
        int wordBefore = 0;
        int seen = 0;
        return TwoThreads.RoundsUntilWrong(
            limit,
            prepare: () =>
            {
                memory.WriteInt32Release(0, 0);
                memory.WriteInt32Release(ThingOffset, 0);
                wordBefore = memory.ReadInt32Acquire(WordOffset);
            },
            first: () =>
            {
                memory.WriteInt32Release(ThingOffset, 1);
                signal.Notify();
            },
            second: () =>
            {
                _ = signal.Prepare();
                seen = memory.ReadInt32Acquire(ThingOffset);
            },
            isWrong: () => seen == 0 && memory.ReadInt32Acquire(WordOffset) == wordBefore);
    }
}
