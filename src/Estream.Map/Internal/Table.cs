using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// One generation of a map: a table of fixed size in a region of its own. Growing makes a new one; this one stays whole for whoever still
/// reads it, and is given back to the system by the garbage collector when nobody does.
/// </summary>
internal sealed partial class Table<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly MemoryRegion _region;
    private readonly KeyHash _hash;
    private readonly long _mask;
    private readonly int _shift;
    private RegionBlocks _buckets;
    private RegionSpan _header;
    private UndoJournal _journal;
    private long _pressure;

    private Table(MemoryRegion region, string path, long generation, long bucketCount, ulong hashSeed)
    {
        _region = region;
        TableShape shape = TableShape.Of<TKey, TValue>();
        _header = region.Slice(0, TableLayout.HeaderPageBytes);
        _journal = new UndoJournal(region.Slice(TableLayout.JournalStart, TableLayout.JournalBytes(shape.ValueBytes)));
        _buckets = region.All.AsBlocks(shape.BucketsOffset, bucketCount, shape.BucketBytes);
        _hash = new KeyHash(hashSeed);
        _mask = bucketCount - 1;
        _shift = 64 - (int)long.TrailingZeroCount(bucketCount);
        Path = path;
        Generation = generation;
        HashSeed = hashSeed;
        EntryLimit = SlotLayout<TKey, TValue>.EntryLimit(bucketCount);
    }

    // The windows do not keep the region alive, this object does: every method that reads through a window ends with
    // GC.KeepAlive(this), so that no table is unmapped under a reader that had just been overtaken by a growth.
    ~Table() => Release();

    public string Path { get; }

    public long Generation { get; }

    public ulong HashSeed { get; }

    public long BucketCount => _buckets.Count;

    /// <summary>The number of entries at which the table is replaced by a larger one.</summary>
    public long EntryLimit { get; }

    public long Count
    {
        get
        {
            long count = _header.ReadInt64Acquire(TableLayout.Count);
            GC.KeepAlive(this);
            return count;
        }
    }

    /// <summary>Writes the header of an empty table into fresh zeroed memory.</summary>
    public static Table<TKey, TValue> Initialize(MemoryRegion region, string path, long generation, long bucketCount, ulong hashSeed)
    {
        TableFile.WriteHeader(region, TableShape.Of<TKey, TValue>(), generation, bucketCount, hashSeed);
        return new Table<TKey, TValue>(region, path, generation, bucketCount, hashSeed);
    }

    /// <summary>Checks an existing table and takes over the region, also when the check fails.</summary>
    public static Table<TKey, TValue> Open(MemoryRegion region, string path, long generation, ulong hashSeed)
    {
        try
        {
            long bucketCount = TableFile.Validate(region, path, TableShape.Of<TKey, TValue>(), generation, hashSeed);
            return new Table<TKey, TValue>(region, path, generation, bucketCount, hashSeed);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    public static long BytesFor(long bucketCount) => TableShape.Of<TKey, TValue>().FileBytes(bucketCount);

    /// <summary>The smallest table that holds so many entries without growing.</summary>
    public static long BucketsFor(long entries)
    {
        long buckets = MapFormat.MinBuckets;
        while (SlotLayout<TKey, TValue>.EntryLimit(buckets) < entries && buckets < MapFormat.MaxBuckets)
        {
            buckets *= 2;
        }

        return buckets;
    }

    /// <summary>Says that this table was replaced: the collector is told what its memory weighs, so that it looks for it soon.</summary>
    public void Retire()
    {
        _pressure = _region.Length;
        GC.AddMemoryPressure(_pressure);
    }

    public void Flush()
    {
        _region.Flush(0, _region.Length);
        GC.KeepAlive(this);
    }

    /// <summary>Takes the memory away at once. Nobody may be reading: see the thread-safety of StateMap.Dispose.</summary>
    public void Dispose()
    {
        // A late call, of an enumerator say, is to throw and not to touch what the address means by then.
        _buckets = default;
        _header = default;
        _journal = default;
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        _region.Dispose();
        if (_pressure != 0)
        {
            GC.RemoveMemoryPressure(_pressure);
            _pressure = 0;
        }
    }

    private long HomeOf(ref readonly TKey key) => (long)(_hash.Of(in key) >> _shift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RegionBlock BlockAt(long bucket) => _buckets.At(bucket, SlotLayout<TKey, TValue>.BucketBytes);

    private static long OffsetOf(long bucket) => TableShape.Of<TKey, TValue>().BucketsOffset + (bucket * SlotLayout<TKey, TValue>.BucketBytes);
}
