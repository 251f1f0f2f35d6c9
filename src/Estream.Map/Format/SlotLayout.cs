using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// How a key and its value lie in a bucket: the byte offsets of docs/formats/map.md, derived from the two sizes alone.
/// </summary>
/// <remarks>
/// Fields and not properties: once it has run the initialiser the compiler takes them for constants, so that the code of a lookup has
/// shifts for multiplications and no checks, and they do not use up what it is willing to inline.
/// </remarks>
internal static class SlotLayout<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    public const int ControlOffset = 0;
    public const int FirstSlotOffset = 8;

    public static readonly int KeyBytes = RawValue.SizeOf<TKey>();

    public static readonly int ValueBytes = RawValue.SizeOf<TValue>();

    /// <summary>Whether a value can be replaced by one store, so that overwriting needs neither the busy bit nor the journal.</summary>
    public static readonly bool IsValueAtomic = ValueBytes is 1 or 2 or 4 or 8;

    public static readonly int ValueOffset = AlignUp(KeyBytes, Alignment(ValueBytes));

    public static readonly int SlotBytes = AlignUp(ValueOffset + ValueBytes, Math.Max(Alignment(KeyBytes), Alignment(ValueBytes)));

    /// <summary>Small slots share a cache line, or an aligned pair of lines, and so one miss; a large one has a bucket of its
    /// own.</summary>
    public static readonly int BucketBytes = (FirstSlotOffset + (2 * SlotBytes)) switch
    {
        <= MapFormat.CacheLineBytes => MapFormat.CacheLineBytes,
        <= 2 * MapFormat.CacheLineBytes => 2 * MapFormat.CacheLineBytes,
        _ => AlignUp(FirstSlotOffset + SlotBytes, MapFormat.LargeBucketAlignment),
    };

    public static readonly int SlotsPerBucket = Math.Min((BucketBytes - FirstSlotOffset) / SlotBytes, ControlWord.MaxSlotsPerBucket);

    /// <summary>The taken bits of the slots there are. Others may be set in a damaged file only, and lead nowhere.</summary>
    public static readonly uint TakenMask = ((1u << ControlWord.TakenBit(SlotsPerBucket - 1)) << 1) - 1 & ControlWord.TakenMask;

    public static int KeyAt(int slot) => FirstSlotOffset + (slot * SlotBytes);

    public static int ValueAt(int slot) => FirstSlotOffset + ValueOffset + (slot * SlotBytes);

    /// <summary>How many entries a table takes before it is replaced by one of twice the size.</summary>
    /// <remarks>
    /// Half of the slots where several share a bucket, and three fifths where each is alone. Nearly every entry then lies in its home
    /// bucket; a search that goes on costs a second miss, and a wrong guess of the processor that takes the misses behind it down with it.
    /// See docs/decisions/0017.
    /// </remarks>
    public static long EntryLimit(long bucketCount)
    {
        long slots = bucketCount * SlotsPerBucket;
        return SlotsPerBucket == 1 ? slots * 3 / 5 : slots / 2;
    }

    private static int Alignment(int size) => Math.Min(8, size & -size);

    private static int AlignUp(int value, int alignment) => (value + alignment - 1) & -alignment;
}
