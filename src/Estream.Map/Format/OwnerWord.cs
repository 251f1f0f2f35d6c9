namespace Estream.Map.Internal;

/// <summary>What stands in the lock of a stripe: 0, or the place of its owner among the writers plus one, and the epoch of that
/// place.</summary>
internal static class OwnerWord
{
    public const long Nobody = 0;

    private const int EpochShift = 16;

    public static long Of(int slot, long epoch) => (epoch << EpochShift) | (uint)(slot + 1);

    /// <summary>The place; -1 in a damaged word.</summary>
    public static int SlotOf(long word) => (ushort)word - 1;

    public static long EpochOf(long word) => word >> EpochShift;
}
