using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Stress;

/// <summary>Two writers that want the lock of a stripe at the same moment: one of them gets it, or one takes it over from a dead
/// owner.</summary>
internal static class StripeLockStress
{
    private const long Dead = 0x10001;
    private const int HeadBytes = 64;

    /// <returns>The round after which both or neither had the lock, or -1.</returns>
    public static long RoundsUntilBothHaveIt(long limit)
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionBlocks heads = region.All.AsBlocks(0, 1, HeadBytes);
        bool isFirst = false;
        bool isSecond = false;
        return TwoThreads.RoundsUntilWrong(
            limit,
            prepare: () => StripeLock.Release(heads[0]),
            first: () => isFirst = StripeLock.TryTake(heads[0], 1),
            second: () => isSecond = StripeLock.TryTake(heads[0], 2),
            isWrong: () => isFirst == isSecond);
    }

    /// <returns>The round after which both or neither had the lock of a dead owner, or -1.</returns>
    public static long RoundsUntilBothTakeOver(long limit)
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionBlocks heads = region.All.AsBlocks(0, 1, HeadBytes);
        bool isFirst = false;
        bool isSecond = false;
        return TwoThreads.RoundsUntilWrong(
            limit,
            prepare: () => heads[0].WriteInt64Release(StripeLock.WordOffset, Dead),
            first: () => isFirst = StripeLock.TryTakeOver(heads[0], Dead, 1),
            second: () => isSecond = StripeLock.TryTakeOver(heads[0], Dead, 2),
            isWrong: () => isFirst == isSecond);
    }

    /// <summary>A value stored under the lock is seen by the next owner, which reads the value without a barrier.</summary>
    /// <returns>The round after which an addition was lost, or -1.</returns>
    public static long RoundsUntilAnAdditionIsLost(long limit)
    {
        const int Value = 8;
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionBlocks heads = region.All.AsBlocks(0, 1, HeadBytes);
        return TwoThreads.RoundsUntilWrong(
            limit,
            prepare: () => heads[0].At<long>(Value) = 0,
            first: () => Add(heads[0], 1),
            second: () => Add(heads[0], 2),
            isWrong: () => heads[0].ReadInt64(Value) != 2);

        static void Add(RegionBlock head, long owner)
        {
            while (!StripeLock.TryTake(head, owner))
            {
                Thread.SpinWait(1);
            }

            head.At<long>(Value) = head.ReadInt64(Value) + 1;
            StripeLock.Release(head);
        }
    }
}
