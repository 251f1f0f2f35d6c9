using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The layout of a table's slots and buckets, written to its header when it is created and validated when it is opened.</summary>
internal readonly record struct TableShape(
    int BucketBytes, int SlotsPerBucket, int SlotBytes, int ValueOffset, int FirstSlotOffset, int ValueBytes)
{
    public static TableShape Of<TKey, TValue>()
        where TKey : unmanaged
        where TValue : unmanaged => new(
            SlotLayout<TKey, TValue>.BucketBytes,
            SlotLayout<TKey, TValue>.SlotsPerBucket,
            SlotLayout<TKey, TValue>.SlotBytes,
            SlotLayout<TKey, TValue>.ValueOffset,
            SlotLayout<TKey, TValue>.FirstSlotOffset,
            SlotLayout<TKey, TValue>.ValueBytes);

    /// <summary>Returns the offsets of the parts of a table of this version.</summary>
    /// <param name="version">The format version.</param>
    /// <param name="bucketCount">A power of two.</param>
    /// <param name="hasJournalPerStripe">Whether several writers may replace values at the same time.</param>
    public TablePlan Plan(int version, long bucketCount, bool hasJournalPerStripe = false)
    {
        if (version == MapFormat.OldestVersion)
        {
            long start = TableLayout.JournalStart + TableLayout.JournalsBytes(1, ValueBytes);
            return new TablePlan(version, bucketCount, bucketCount, 1, start, start, BucketBytes);
        }

        long largest = Math.Max(MapFormat.MinStripeBuckets, 1L << (int)long.Log2(MapFormat.StripeBytes / BucketBytes | 1));
        long stripeBuckets = Math.Min(bucketCount, largest);
        long stripes = bucketCount / stripeBuckets;
        long journals = hasJournalPerStripe ? stripes : 1;
        long stripesOffset = TableLayout.JournalStart + TableLayout.JournalsBytes(journals, ValueBytes);
        long bucketsOffset = stripesOffset + TableLayout.RoundToPage(checked(stripes * TableLayout.StripeHeadBytes));
        return new TablePlan(version, bucketCount, stripeBuckets, journals, stripesOffset, bucketsOffset, BucketBytes);
    }
}

/// <summary>The offsets of the parts of one table. A table of version 1 is one stripe without a head.</summary>
internal readonly record struct TablePlan(
    int Version, long BucketCount, long StripeBuckets, long JournalCount, long StripesOffset, long BucketsOffset, int BucketBytes)
{
    public bool HasStripeHeads => Version != MapFormat.OldestVersion;

    public long StripeCount => BucketCount / StripeBuckets;

    public long FileBytes => BucketsOffset + TableLayout.RoundToPage(checked(BucketCount * BucketBytes));
}

/// <summary>Writes and validates the header of a table file.</summary>
internal static class TableFile
{
    public static void WriteHeader(MemoryRegion region, TableShape shape, TablePlan plan, long generation, ulong hashSeed)
    {
        RegionSpan file = region.All;
        file.WriteInt64(TableLayout.Magic, MapFormat.TableMagic);
        file.WriteInt32(TableLayout.Version, plan.Version);
        file.WriteInt32(TableLayout.HeaderBytes, TableLayout.HeaderPageBytes);
        file.WriteInt64(TableLayout.Generation, generation);
        file.WriteInt64(TableLayout.BucketCount, plan.BucketCount);
        file.WriteInt32(TableLayout.BucketBytes, shape.BucketBytes);
        file.WriteInt32(TableLayout.SlotsPerBucket, shape.SlotsPerBucket);
        file.WriteInt32(TableLayout.SlotBytes, shape.SlotBytes);
        file.WriteInt32(TableLayout.ValueOffset, shape.ValueOffset);
        file.WriteInt32(TableLayout.FirstSlotOffset, shape.FirstSlotOffset);
        file.WriteInt32(TableLayout.JournalCount, (int)plan.JournalCount);
        file.WriteInt64(TableLayout.JournalOffset, TableLayout.JournalStart);
        file.WriteInt64(TableLayout.BucketsOffset, plan.BucketsOffset);
        file.WriteInt64(TableLayout.HashSeed, (long)hashSeed);
        file.WriteInt64(TableLayout.StripeBuckets, plan.StripeBuckets);
        file.WriteInt64(TableLayout.StripesOffset, plan.StripesOffset);
        file.WriteInt32(TableLayout.Checksum, Checksum(file, plan.Version));
    }

    /// <summary>Validates everything that a reader relies on, and returns the offsets of the parts.</summary>
    public static TablePlan Validate(MemoryRegion region, string path, TableShape shape, long generation, ulong hashSeed)
    {
        RegionSpan file = region.All;
        if (file.Length < TableLayout.HeaderPageBytes)
        {
            throw Damaged(path, 0, $"it has {file.Length} bytes, but its header alone takes {TableLayout.HeaderPageBytes}");
        }

        if (file.ReadInt64(TableLayout.Magic) != MapFormat.TableMagic)
        {
            throw Damaged(path, TableLayout.Magic, "it does not start with the magic number of a table");
        }

        int version = file.ReadInt32(TableLayout.Version);
        if (version is < MapFormat.OldestVersion or > MapFormat.Version)
        {
            throw MetaFile.OtherVersion(path, version);
        }

        if (file.ReadInt32(TableLayout.Checksum) != Checksum(file, version))
        {
            throw Damaged(path, TableLayout.Checksum, "the checksum of its header does not match");
        }

        TablePlan plan = ValidatePlan(file, path, shape, version);
        TableShape stored = new(
            file.ReadInt32(TableLayout.BucketBytes),
            file.ReadInt32(TableLayout.SlotsPerBucket),
            file.ReadInt32(TableLayout.SlotBytes),
            file.ReadInt32(TableLayout.ValueOffset),
            file.ReadInt32(TableLayout.FirstSlotOffset),
            shape.ValueBytes);
        bool belongsHere = stored == shape
            && file.ReadInt64(TableLayout.Generation) == generation
            && file.ReadInt64(TableLayout.HashSeed) == (long)hashSeed;
        return belongsHere
            ? plan
            : throw Damaged(path, TableLayout.Generation,
                "its header does not match map.meta: it belongs to another map or another generation");
    }

    private static TablePlan ValidatePlan(RegionSpan file, string path, TableShape shape, int version)
    {
        long bucketCount = file.ReadInt64(TableLayout.BucketCount);
        if (bucketCount is < MapFormat.MinBuckets or > MapFormat.MaxBuckets || !long.IsPow2(bucketCount))
        {
            throw Damaged(path, TableLayout.BucketCount, $"{bucketCount} is not a valid number of buckets");
        }

        TablePlan plan = shape.Plan(version, bucketCount, hasJournalPerStripe: file.ReadInt32(TableLayout.JournalCount) != 1);
        bool isAsPlanned = file.ReadInt64(TableLayout.BucketsOffset) == plan.BucketsOffset
            && file.ReadInt32(TableLayout.JournalCount) == plan.JournalCount
            && (!plan.HasStripeHeads
                || (file.ReadInt64(TableLayout.StripeBuckets) == plan.StripeBuckets
                    && file.ReadInt64(TableLayout.StripesOffset) == plan.StripesOffset));
        if (!isAsPlanned)
        {
            throw Damaged(path, TableLayout.BucketsOffset,
                "its header does not match map.meta: the offsets of its parts are not those of this table version");
        }

        return file.Length >= plan.FileBytes
            ? plan
            : throw Damaged(path, file.Length, $"it ends at byte {file.Length}, but {bucketCount} buckets end at byte {plan.FileBytes}");
    }

    private static int Checksum(RegionSpan file, int version)
    {
        uint first = Crc32C.Compute(file.ReadOnlySpan(0, TableLayout.Checksum));
        if (version == MapFormat.OldestVersion)
        {
            return (int)first;
        }

        const int Next = TableLayout.Checksum + sizeof(int);
        uint withItself = Crc32C.Append(first, [0, 0, 0, 0]);
        return (int)Crc32C.Append(withItself, file.ReadOnlySpan(Next, TableLayout.FixedBytes - Next));
    }

    private static EstreamCorruptionException Damaged(string path, long offset, string what) =>
        new($"'{path}' is damaged: {what}. Restore the map from a copy, or delete its directory and rebuild it from its queue.", path,
            offset);
}
