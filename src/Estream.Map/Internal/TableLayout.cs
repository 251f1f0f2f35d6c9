namespace Estream.Map.Internal;

/// <summary>The byte offsets of a table.NNNN file: a header page, the undo journal, the buckets.</summary>
internal static class TableLayout
{
    public const int Magic = 0;
    public const int Version = 8;
    public const int HeaderBytes = 12;
    public const int Generation = 16;
    public const int BucketCount = 24;
    public const int BucketBytes = 32;
    public const int SlotsPerBucket = 36;
    public const int SlotBytes = 40;
    public const int ValueOffset = 44;
    public const int FirstSlotOffset = 48;
    public const int JournalCount = 52;
    public const int JournalOffset = 56;
    public const int BucketsOffset = 64;
    public const int HashSeed = 72;

    /// <summary>CRC-32C of everything before it: written once, when the table is made.</summary>
    public const int Checksum = 80;

    /// <summary>The number of entries, on a cache line of its own: every insertion writes it.</summary>
    public const int Count = 256;

    public const int HeaderPageBytes = MapFormat.PageBytes;

    public const int JournalStart = HeaderPageBytes;

    /// <summary>The journal's fixed part; the old value follows it.</summary>
    public const int JournalHeadBytes = 64;

    public static long JournalBytes(int valueBytes) => RoundToPage(JournalHeadBytes + (long)valueBytes);

    public static long RoundToPage(long bytes) => (bytes + MapFormat.PageBytes - 1) & -MapFormat.PageBytes;
}
