namespace Estream.Map.Internal;

/// <summary>The constants of map.meta and of the table files; see docs/formats/map.md.</summary>
internal static class MapFormat
{
    /// <summary>Incremented by every change that an older program would misread.</summary>
    public const int Version = 2;

    /// <summary>The oldest version that can be opened. Readers use it as it is; the next writer converts it.</summary>
    public const int OldestVersion = 1;

    public const int CacheLineBytes = 64;

    /// <summary>The size that a stripe should not exceed, because a growing map migrates one stripe at a time.</summary>
    public const int StripeBytes = 64 * 1024;

    /// <summary>The minimum number of buckets of a stripe. With fewer, a stripe would often be full long before the table.</summary>
    public const int MinStripeBuckets = 64;
    public const int LargeBucketAlignment = 16;
    public const int PageBytes = 4096;

    /// <summary>Limits of keys, values and tables, so that a damaged header cannot make a program allocate or loop without end.</summary>
    public const int MaxKeyBytes = 4096;
    public const int MaxValueBytes = 65536;
    public const long MinBuckets = 64;
    public const long MaxBuckets = 1L << 40;

    /// <summary>"ESTRMMAP" and "ESTRMTBL" in ASCII, read as little-endian numbers.</summary>
    public const long MetaMagic = 0x50414D4D_52545345;
    public const long TableMagic = 0x4C42544D_52545345;

    public const string MetaFile = "map.meta";
    public const string NewMetaFile = "map.meta.new";
    public const string LockFile = "writer.lock";

    /// <summary>
    /// Lock files of several writers: the first is locked while a writer opens or closes the map, the second while a migration begins or
    /// ends.
    /// </summary>
    public const string OpeningLockFile = "opening.lock";
    public const string ResizeLockFile = "moving.lock";
    public const string TablePrefix = "table.";

    private const int MinTableDigits = 4;

    public static string TableFile(long generation) => $"{TablePrefix}{generation:D4}";

    /// <summary>
    /// Whether a file has a name that <see cref="TableFile"/> returns. Other names with the same prefix, such as table.csv or
    /// table.0007.bak, do not belong to the map.
    /// </summary>
    public static bool IsTableFile(string name)
    {
        ReadOnlySpan<char> digits = name.StartsWith(TablePrefix, StringComparison.Ordinal) ? name.AsSpan(TablePrefix.Length) : [];
        return digits.Length >= MinTableDigits && !digits.ContainsAnyExceptInRange('0', '9');
    }
}

/// <summary>
/// The word of map.meta that every get compares. It is twice the number of the current table, plus one while its entries are migrated to
/// the table with the next number. In version 1 it is the number alone, because growing copied everything at once.
/// </summary>
internal static class MapState
{
    public static long Of(long generation, int version) => version == MapFormat.OldestVersion ? generation : generation * 2;

    public static long Migrating(long generation) => (generation * 2) + 1;

    public static long GenerationOf(long state, int version) => version == MapFormat.OldestVersion ? state : state >> 1;

    public static bool IsMigrating(long state, int version) => version != MapFormat.OldestVersion && (state & 1) != 0;
}

/// <summary>
/// The lock word of a stripe: 0, or the slot of its owner plus one in the low 16 bits, and the epoch of that slot in the others.
/// </summary>
internal static class OwnerWord
{
    public const long Nobody = 0;

    private const int EpochShift = 16;

    public static long Of(int slot, long epoch) => (epoch << EpochShift) | (uint)(slot + 1);

    /// <summary>The slot; -1 in a damaged word.</summary>
    public static int SlotOf(long word) => (ushort)word - 1;

    public static long EpochOf(long word) => word >> EpochShift;
}
