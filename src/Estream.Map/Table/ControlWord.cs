namespace Estream.Map.Internal;

/// <summary>
/// The first eight bytes of a bucket. One load shows a reader which slots are taken, whether the search continues in the next bucket and
/// whether a value is being replaced; one store by the writer changes all of that at once. The version makes every stored word unique, so
/// that two equal loads mean that nothing changed in between.
/// </summary>
/// <remarks>
/// bit 0: busy · bits 1, 3, 5 … 13: slots 0 to 6 taken · bits 16-23: overflow count · bits 24-63: version · the rest zero, for later
/// versions.
/// The gaps between the taken bits are where the values lie when the bucket is looked at as eight words, see SlotSearch.
/// 2^40 changes of one bucket take the fastest writer most of a day; a reader would have to sleep exactly that long between its two loads
/// to be fooled.
/// </remarks>
internal static class ControlWord
{
    public const int MaxSlotsPerBucket = 7;
    public const long Busy = 1;
    public const long VersionStep = 1L << 24;

    /// <summary>The taken bit of every slot there can be.</summary>
    public const uint TakenMask = 0b10_1010_1010_1010;

    private const int OverflowShift = 16;
    private const long OverflowStep = 1L << OverflowShift;
    private const long OverflowMask = 0xFFL << OverflowShift;

    public static bool IsBusy(long control) => (control & Busy) != 0;

    public static bool IsTaken(long control, int slot) => ((control >> TakenBit(slot)) & 1) != 0;

    /// <summary>Whether an entry whose probe passes through this bucket lies in a later one.</summary>
    public static bool HasOverflow(long control) => (control & OverflowMask) != 0;

    public static long Take(long control, int slot) => (control | (1L << TakenBit(slot))) + VersionStep;

    public static long Free(long control, int slot) => (control & ~(1L << TakenBit(slot))) + VersionStep;

    public static long BeginValue(long control) => (control | Busy) + VersionStep;

    public static long EndValue(long busyControl) => (busyControl & ~Busy) + VersionStep;

    /// <summary>Counts one more entry behind the bucket. The count sticks at 255, which means 255 or more.</summary>
    public static long AddOverflow(long control) =>
        (control & OverflowMask) == OverflowMask ? control : control + OverflowStep + VersionStep;

    public static long RemoveOverflow(long control) =>
        (control & OverflowMask) is 0 or OverflowMask ? control : control - OverflowStep + VersionStep;

    /// <summary>The same word with another overflow count.</summary>
    public static long WithOverflow(long control, int passed)
    {
        long counted = (control & ~OverflowMask) | (Math.Min(passed, OverflowMask >> OverflowShift) << OverflowShift);
        return counted == control ? control : counted + VersionStep;
    }

    /// <summary>The lowest free slot, which may be one more than the bucket has.</summary>
    public static int FirstFree(long control) => (int)(uint.TrailingZeroCount(~(uint)control & TakenMask) >> 1);

    /// <summary>The slot of the lowest taken bit that is set.</summary>
    public static int SlotOf(uint takenBits) => (int)(uint.TrailingZeroCount(takenBits) >> 1);

    public static int TakenBit(int slot) => 1 + (2 * slot);
}
