using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The lock of a stripe, one word of its head that names its owner. What the owner stored before it let go is seen by the next one: taking
/// is a full fence, and letting go a release.
/// </summary>
internal static class StripeLock
{
    public const int WordOffset = 0;

    private const long Free = 0;

    public static long OwnerOf(RegionBlock head) => head.ReadInt64Acquire(WordOffset);

    /// <returns>Whether the lock is the caller's now; not if it was anybody's.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(RegionBlock head, long owner)
    {
#if ESTREAM_WITHOUT_BARRIER
        // To see that a stress finds out: look and store, without being alone in between.
        if (head.ReadInt64Acquire(WordOffset) != Free)
        {
            return false;
        }

        head.WriteInt64Release(WordOffset, owner);
        return true;
#else
        return head.CompareExchangeInt64(WordOffset, owner, Free) == Free;
#endif
    }

    /// <summary>From a dead owner to the caller: of all who found it dead, one.</summary>
    public static bool TryTakeOver(RegionBlock head, long dead, long owner) => head.CompareExchangeInt64(WordOffset, owner, dead) == dead;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Release(RegionBlock head) => head.WriteInt64Release(WordOffset, Free);
}
