using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>The shape of a table, written into its header when it is made and checked when it is opened.</summary>
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

    public long BucketsOffset => TableLayout.JournalStart + TableLayout.JournalBytes(ValueBytes);

    public long FileBytes(long bucketCount) => BucketsOffset + TableLayout.RoundToPage(checked(bucketCount * BucketBytes));
}

/// <summary>Writes and checks the header of a table file.</summary>
internal static class TableFile
{
    public static void WriteHeader(MemoryRegion region, TableShape shape, long generation, long bucketCount, ulong hashSeed)
    {
        RegionSpan file = region.All;
        file.WriteInt64(TableLayout.Magic, MapFormat.TableMagic);
        file.WriteInt32(TableLayout.Version, MapFormat.Version);
        file.WriteInt32(TableLayout.HeaderBytes, TableLayout.HeaderPageBytes);
        file.WriteInt64(TableLayout.Generation, generation);
        file.WriteInt64(TableLayout.BucketCount, bucketCount);
        file.WriteInt32(TableLayout.BucketBytes, shape.BucketBytes);
        file.WriteInt32(TableLayout.SlotsPerBucket, shape.SlotsPerBucket);
        file.WriteInt32(TableLayout.SlotBytes, shape.SlotBytes);
        file.WriteInt32(TableLayout.ValueOffset, shape.ValueOffset);
        file.WriteInt32(TableLayout.FirstSlotOffset, shape.FirstSlotOffset);
        file.WriteInt32(TableLayout.JournalCount, 1);
        file.WriteInt64(TableLayout.JournalOffset, TableLayout.JournalStart);
        file.WriteInt64(TableLayout.BucketsOffset, shape.BucketsOffset);
        file.WriteInt64(TableLayout.HashSeed, (long)hashSeed);
        file.WriteInt32(TableLayout.Checksum, (int)Crc32C.Compute(file.ReadOnlySpan(0, TableLayout.Checksum)));
    }

    /// <summary>Checks everything a reader is going to rely on, and returns the number of buckets.</summary>
    public static long Validate(MemoryRegion region, string path, TableShape shape, long generation, ulong hashSeed)
    {
        RegionSpan file = region.All;
        if (file.Length < shape.BucketsOffset)
        {
            throw Damaged(path, 0, $"it has {file.Length} bytes and its header and journal alone take {shape.BucketsOffset}");
        }

        if (file.ReadInt64(TableLayout.Magic) != MapFormat.TableMagic)
        {
            throw new EstreamFormatException($"'{path}' is not a table of an Estream map. Another program wrote there; give the map a directory of its own.", path);
        }

        if (file.ReadInt32(TableLayout.Version) is int version && version != MapFormat.Version)
        {
            throw MetaFile.OtherVersion(path, version);
        }

        if (file.ReadInt32(TableLayout.Checksum) != (int)Crc32C.Compute(file.ReadOnlySpan(0, TableLayout.Checksum)))
        {
            throw Damaged(path, TableLayout.Checksum, "the checksum of its header does not match");
        }

        TableShape stored = new(
            file.ReadInt32(TableLayout.BucketBytes),
            file.ReadInt32(TableLayout.SlotsPerBucket),
            file.ReadInt32(TableLayout.SlotBytes),
            file.ReadInt32(TableLayout.ValueOffset),
            file.ReadInt32(TableLayout.FirstSlotOffset),
            shape.ValueBytes);
        bool belongsHere = stored == shape
            && file.ReadInt64(TableLayout.BucketsOffset) == shape.BucketsOffset
            && file.ReadInt64(TableLayout.Generation) == generation
            && file.ReadInt64(TableLayout.HashSeed) == (long)hashSeed;
        if (!belongsHere)
        {
            throw Damaged(path, TableLayout.Generation, "its header does not fit map.meta: it belongs to another map or another generation");
        }

        return ValidateBucketCount(file, path, shape);
    }

    private static long ValidateBucketCount(RegionSpan file, string path, TableShape shape)
    {
        long bucketCount = file.ReadInt64(TableLayout.BucketCount);
        if (bucketCount is < MapFormat.MinBuckets or > MapFormat.MaxBuckets || !long.IsPow2(bucketCount))
        {
            throw Damaged(path, TableLayout.BucketCount, $"{bucketCount} is no possible number of buckets");
        }

        if (file.Length < shape.FileBytes(bucketCount))
        {
            throw Damaged(path, file.Length, $"it ends at byte {file.Length} and {bucketCount} buckets end at byte {shape.FileBytes(bucketCount)}");
        }

        return bucketCount;
    }

    private static EstreamCorruptionException Damaged(string path, long offset, string what) =>
        new($"'{path}' is damaged: {what}. Restore the map from a copy, or delete its directory and rebuild it from its queue.", path, offset);
}
