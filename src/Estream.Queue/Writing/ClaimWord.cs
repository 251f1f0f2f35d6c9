using System.Runtime.CompilerServices;

namespace Estream.Queue.Internal;

/// <summary>
/// The first word of claimed space until the commit. The low half has bit 31 and the claimed length. The high half has the slot of the
/// owner and the low 24 bits of its epoch.
/// </summary>
internal static class ClaimWord
{
    private const int SlotBits = 8;
    private const int EpochMask = (1 << 24) - 1;

    /// <summary>The part that is equal in all claims of one owner.</summary>
    public static long OwnerPart(int slot, long epoch) =>
        (long)(((ulong)(uint)slot | ((ulong)(epoch & EpochMask) << SlotBits)) << 32) | unchecked((uint)FrameLayout.ClaimFlag);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Pack(long ownerPart, long stride) => ownerPart | stride;

    public static int Slot(long word) => (int)(word >>> 32) & ((1 << SlotBits) - 1);

    public static bool HasEpoch(long word, long epoch) => (int)(word >>> (32 + SlotBits)) == (int)(epoch & EpochMask);
}

/// <summary>The fields of the queue in writers.tab, in addition to <see cref="Core.WriterSlots"/>; see docs/formats/queue.md.</summary>
internal static class WriterLayout
{
    public const long Magic = 0x31_54_52_57_52_54_53_45; // "ESTRWRT1"
    public const int Version = 1;
    public const int QueueIdOffset = 16;
    public const int CheckedBytes = 8;

    /// <summary>
    /// The position of the last claim. The writer adds 1 before its next addition to the tail, and removes it when the claim word is
    /// written.
    /// </summary>
    public const int ClaimOffset = 0;

    /// <summary>The flag uses the low bits of a position, which is a multiple of eight.</summary>
    public const long ClaimingFlag = 1;

    public const string FileName = "writers.tab";
    public const string LockDirectory = "writers";
}
