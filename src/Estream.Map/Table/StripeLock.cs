using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The lock of a stripe: one word of its head that names its owner. Taking it is a full fence and releasing it is a release, so the next
/// owner sees everything that the previous owner stored before it released the lock.
/// </summary>
internal static class StripeLock
{
    public const int WordOffset = 0;

    private const long Free = 0;

    public static long OwnerOf(RegionBlock head) => head.ReadInt64Acquire(WordOffset);

    /// <returns>Whether the caller has the lock now; false if the lock had an owner.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryTake(RegionBlock head, long owner)
    {
#if ESTREAM_WITHOUT_BARRIER
        // Deliberately not atomic (a load, then a store), to verify that a stress test detects the error.
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

    /// <summary>Takes the lock over from a dead owner. Of all callers that found the owner dead, one succeeds.</summary>
    public static bool TryTakeOver(RegionBlock head, long dead, long owner) => head.CompareExchangeInt64(WordOffset, owner, dead) == dead;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Release(RegionBlock head) => head.WriteInt64Release(WordOffset, Free);
}
