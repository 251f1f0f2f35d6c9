using System.Runtime.CompilerServices;

namespace Estream.Queue.Internal;

/// <summary>
/// What stands at the start of a claimed place until it is committed: bit 31 and the bytes claimed in the low half; the claimer's slot
/// and the low 24 bits of its epoch in the high half.
/// </summary>
internal static class ClaimWord
{
    private const int SlotBits = 8;
    private const int EpochMask = (1 << 24) - 1;

    /// <summary>The part that is the same in every claim of an owner.</summary>
    public static long OwnerPart(int slot, long epoch) =>
        (long)(((ulong)(uint)slot | ((ulong)(epoch & EpochMask) << SlotBits)) << 32) | unchecked((uint)FrameLayout.ClaimFlag);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Pack(long ownerPart, long stride) => ownerPart | stride;

    public static int Slot(long word) => (int)(word >>> 32) & ((1 << SlotBits) - 1);

    public static bool HasEpoch(long word, long epoch) => (int)(word >>> (32 + SlotBits)) == (int)(epoch & EpochMask);
}
