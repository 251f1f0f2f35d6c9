using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The layout of a key and its value in a bucket: the byte offsets of docs/formats/map.md, derived from the two sizes alone.
/// </summary>
/// <remarks>
/// Fields instead of properties: after the initialiser has run, the compiler treats them as constants. The code of a lookup then has
/// shifts instead of multiplications, and no checks, and the fields do not use up the inlining budget.
/// </remarks>
internal static class SlotLayout<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    public const int ControlOffset = 0;
    public const int FirstSlotOffset = 8;

    public static readonly int KeyBytes = RawValue.SizeOf<TKey>();

    public static readonly int ValueBytes = RawValue.SizeOf<TValue>();

    /// <summary>Whether one store replaces a value, so that overwriting needs neither the busy bit nor the journal.</summary>
    public static readonly bool IsValueAtomic = ValueBytes is 1 or 2 or 4 or 8;

    public static readonly int ValueOffset = AlignUp(KeyBytes, Alignment(ValueBytes));

    public static readonly int SlotBytes = AlignUp(ValueOffset + ValueBytes, Math.Max(Alignment(KeyBytes), Alignment(ValueBytes)));

    /// <summary>
    /// Small slots share a cache line, or an aligned pair of lines, so a lookup costs one cache miss. A large slot has its own bucket.
    /// </summary>
    public static readonly int BucketBytes = (FirstSlotOffset + (2 * SlotBytes)) switch
    {
        <= MapFormat.CacheLineBytes => MapFormat.CacheLineBytes,
        <= 2 * MapFormat.CacheLineBytes => 2 * MapFormat.CacheLineBytes,
        _ => AlignUp(FirstSlotOffset + SlotBytes, MapFormat.LargeBucketAlignment),
    };

    public static readonly int SlotsPerBucket = Math.Min((BucketBytes - FirstSlotOffset) / SlotBytes, ControlWord.MaxSlotsPerBucket);

    /// <summary>The taken bits of the existing slots. Other taken bits are set only in a damaged file, and are ignored.</summary>
    public static readonly uint TakenMask = ((1u << ControlWord.TakenBit(SlotsPerBucket - 1)) << 1) - 1 & ControlWord.TakenMask;

    public static int KeyAt(int slot) => FirstSlotOffset + (slot * SlotBytes);

    public static int ValueAt(int slot) => FirstSlotOffset + ValueOffset + (slot * SlotBytes);

    /// <summary>Returns the number of entries that a table takes before a table of twice the size replaces it.</summary>
    /// <remarks>
    /// Half of the slots if several share a bucket, and three fifths if each has its own. Nearly every entry is then in its home bucket.
    /// A search that continues costs a second cache miss and a branch misprediction, which also cancels the loads in flight after it. See
    /// docs/decisions/0017.
    /// </remarks>
    public static long EntryLimit(long bucketCount)
    {
        long slots = bucketCount * SlotsPerBucket;
        return SlotsPerBucket == 1 ? slots * 3 / 5 : slots / 2;
    }

    private static int Alignment(int size) => Math.Min(8, size & -size);

    private static int AlignUp(int value, int alignment) => (value + alignment - 1) & -alignment;
}
