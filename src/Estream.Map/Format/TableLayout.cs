namespace Estream.Map.Internal;

/// <summary>The byte offsets of a table.NNNN file: a header page, the undo journals, the stripe heads, the buckets.</summary>
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

    /// <summary>The number of undo journals: one per stripe if several writers replace values without an atomic store, otherwise
    /// 1.</summary>
    public const int JournalCount = 52;
    public const int JournalOffset = 56;
    public const int BucketsOffset = 64;
    public const int HashSeed = 72;

    /// <summary>
    /// Written once, when the table is created. CRC-32C of all bytes before it; since version 2, of the first 128 bytes, with the
    /// checksum itself as zero.
    /// </summary>
    public const int Checksum = 80;

    /// <summary>Since version 2: the number of buckets in a stripe.</summary>
    public const int StripeBuckets = 88;

    /// <summary>Since version 2: the offset of the stripe heads.</summary>
    public const int StripesOffset = 96;

    /// <summary>The length of the part of the header that never changes.</summary>
    public const int FixedBytes = 128;

    /// <summary>Version 1 only: the number of entries, on a separate cache line.</summary>
    public const int OldCount = 256;

    /// <summary>The time and the user metadata words of a leased snapshot.</summary>
    public const int SnapshotTime = 512;
    public const int SnapshotUserWords = 520;

    public const int HeaderPageBytes = MapFormat.PageBytes;

    public const int JournalStart = HeaderPageBytes;

    /// <summary>
    /// The length of a stripe head, one cache line. It begins with the lock (see <see cref="StripeLock"/>), the number of entries, and
    /// whether they were migrated.
    /// </summary>
    public const int StripeHeadBytes = 64;
    public const int StripeCount = 8;
    public const int StripeState = 16;

    /// <summary>Not 0: a writer has begun to migrate entries to this stripe, so the stripe may already have entries.</summary>
    public const int StripeBegun = 24;

    /// <summary>The last version used in the stripe; 0 in a map without versions.</summary>
    public const int StripeVersion = 32;

    /// <summary>
    /// The slot whose event may have been published without its change; see <see cref="Table{TKey, TValue}.SetFeedIntent"/>.
    /// </summary>
    public const int StripeFeedIntent = 40;

    public const long StripeIsHere = 0;
    public const long StripeMigrated = 1;
    public const long StripeMigrationFlushed = 2;

    /// <summary>The length of a journal's fixed part; the old value follows it.</summary>
    public const int JournalHeadBytes = 64;

    /// <summary>The length of a journal with its old value, in whole cache lines.</summary>
    public static int JournalStride(int valueBytes) =>
        (JournalHeadBytes + valueBytes + MapFormat.CacheLineBytes - 1) & -MapFormat.CacheLineBytes;

    /// <summary>The length of all journals, in whole pages.</summary>
    public static long JournalsBytes(long journals, int valueBytes) => RoundToPage(checked(journals * JournalStride(valueBytes)));

    public static long RoundToPage(long bytes) => (bytes + MapFormat.PageBytes - 1) & -MapFormat.PageBytes;
}
