namespace Estream.Map.Internal;

/// <summary>What both files of a map agree on; see docs/formats/map.md.</summary>
internal static class MapFormat
{
    /// <summary>Raised by every change that an older program would misread.</summary>
    public const int Version = 2;

    /// <summary>The oldest version that can be opened: read as it is, and converted by the next writer.</summary>
    public const int OldestVersion = 1;

    public const int CacheLineBytes = 64;

    /// <summary>What a stripe should not exceed: a growing map moves one at a time.</summary>
    public const int StripeBytes = 64 * 1024;

    /// <summary>Fewer would often be full long before the table is.</summary>
    public const int MinStripeBuckets = 64;
    public const int LargeBucketAlignment = 16;
    public const int PageBytes = 4096;

    /// <summary>Limits of what is stored, so that a header cannot make a program allocate or loop without end.</summary>
    public const int MaxKeyBytes = 4096;
    public const int MaxValueBytes = 65536;
    public const long MinBuckets = 64;
    public const long MaxBuckets = 1L << 40;

    /// <summary>"ESTRMMAP" and "ESTRMTBL" in ASCII, as a little-endian number reads them.</summary>
    public const long MetaMagic = 0x50414D4D_52545345;
    public const long TableMagic = 0x4C42544D_52545345;

    public const string MetaFile = "map.meta";
    public const string NewMetaFile = "map.meta.new";
    public const string LockFile = "writer.lock";

    /// <summary>Held for the moment of an opening, where several write, and for the beginning and the end of a move.</summary>
    public const string OpeningLockFile = "opening.lock";
    public const string ResizeLockFile = "moving.lock";
    public const string TablePrefix = "table.";

    private const int MinTableDigits = 4;

    public static string TableFile(long generation) => $"{TablePrefix}{generation:D4}";

    /// <summary>Whether a file has a name that <see cref="TableFile"/> gives. Others that begin alike, a table.csv or table.0007.bak, are
    /// not the map's.</summary>
    public static bool IsTableFile(string name)
    {
        ReadOnlySpan<char> digits = name.StartsWith(TablePrefix, StringComparison.Ordinal) ? name.AsSpan(TablePrefix.Length) : [];
        return digits.Length >= MinTableDigits && !digits.ContainsAnyExceptInRange('0', '9');
    }
}

/// <summary>
/// The word of map.meta every get compares: twice the number of the current table, plus one while its entries are being moved into the
/// table with the next number. (In version 1 the number alone: growing copied everything at once.)
/// </summary>
internal static class MapState
{
    public static long Of(long generation, int version) => version == MapFormat.OldestVersion ? generation : generation * 2;

    public static long Migrating(long generation) => (generation * 2) + 1;

    public static long GenerationOf(long state, int version) => version == MapFormat.OldestVersion ? state : state >> 1;

    public static bool IsMigrating(long state, int version) => version != MapFormat.OldestVersion && (state & 1) != 0;
}

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
