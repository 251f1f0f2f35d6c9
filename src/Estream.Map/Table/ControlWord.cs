namespace Estream.Map.Internal;

/// <summary>
/// The first eight bytes of a bucket. One load tells a reader which slots are taken, whether the search continues in the next bucket, and
/// whether a value is being replaced. One store by the writer changes these facts together. The version makes every stored word unique, so
/// two equal loads mean that nothing changed in between.
/// </summary>
/// <remarks>
/// bit 0: busy · bits 1, 3, 5 … 13: slots 0 to 6 taken · bits 16-23: overflow count · bits 24-63: version · the rest zero, reserved. The
/// bits between the taken bits correspond to the values when a bucket is compared as eight words; see SlotSearch. The fastest writer
/// needs most of a day for 2^40 changes of one bucket. A reader would take two different states for the same one only if it paused for
/// exactly that long between its two loads.
/// </remarks>
internal static class ControlWord
{
    public const int MaxSlotsPerBucket = 7;
    public const long Busy = 1;
    public const long VersionStep = 1L << 24;

    /// <summary>The taken bits of all possible slots.</summary>
    public const uint TakenMask = 0b10_1010_1010_1010;

    private const int OverflowShift = 16;
    private const long OverflowStep = 1L << OverflowShift;
    private const long OverflowMask = 0xFFL << OverflowShift;

    public static bool IsBusy(long control) => (control & Busy) != 0;

    public static bool IsTaken(long control, int slot) => ((control >> TakenBit(slot)) & 1) != 0;

    /// <summary>Whether a later bucket has an entry whose search passes through this one.</summary>
    public static bool HasOverflow(long control) => (control & OverflowMask) != 0;

    public static long Take(long control, int slot) => (control | (1L << TakenBit(slot))) + VersionStep;

    public static long Free(long control, int slot) => (control & ~(1L << TakenBit(slot))) + VersionStep;

    public static long BeginValue(long control) => (control | Busy) + VersionStep;

    public static long EndValue(long busyControl) => (busyControl & ~Busy) + VersionStep;

    /// <summary>Counts one more entry stored after the bucket. The count stays at 255, which means 255 or more.</summary>
    public static long AddOverflow(long control) =>
        (control & OverflowMask) == OverflowMask ? control : control + OverflowStep + VersionStep;

    public static long RemoveOverflow(long control) =>
        (control & OverflowMask) is 0 or OverflowMask ? control : control - OverflowStep + VersionStep;

    /// <summary>Returns the word with another overflow count.</summary>
    public static long WithOverflow(long control, int passed)
    {
        long counted = (control & ~OverflowMask) | (Math.Min(passed, OverflowMask >> OverflowShift) << OverflowShift);
        return counted == control ? control : counted + VersionStep;
    }

    /// <summary>The lowest free slot. It is one more than the last slot if the bucket is full.</summary>
    public static int FirstFree(long control) => (int)(uint.TrailingZeroCount(~(uint)control & TakenMask) >> 1);

    /// <summary>The slot of the lowest taken bit that is set.</summary>
    public static int SlotOf(uint takenBits) => (int)(uint.TrailingZeroCount(takenBits) >> 1);

    public static int TakenBit(int slot) => 1 + (2 * slot);
}
