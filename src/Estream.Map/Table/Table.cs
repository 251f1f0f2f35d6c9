using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// One generation of a map: a table of fixed size in its own region. Growing creates a new table and migrates the entries there, stripe
/// by stripe. This table stays complete for its remaining readers, and the garbage collector frees it when there are none.
/// </summary>
internal sealed partial class Table<TKey, TValue> : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly MemoryRegion _region;
    private readonly KeyHash _hash;
    private readonly long _stripeMask;
    private readonly int _shift;
    private readonly int _stripeShift;
    private RegionBlocks _buckets;
    private UndoJournals _journals;
    private Stripes _stripes;
    private long _pressure;

    private Table(MemoryRegion region, string path, long generation, TablePlan plan, ulong hashSeed)
    {
        _region = region;
        Plan = plan;
        TableShape shape = TableShape.Of<TKey, TValue>();
        _journals = new UndoJournals(region.All, plan.JournalCount, shape.ValueBytes);
        _buckets = region.All.AsBlocks(plan.BucketsOffset, plan.BucketCount, shape.BucketBytes);
        _stripes = new Stripes(region.All, plan);
        _hash = new KeyHash(hashSeed);
        _stripeMask = plan.StripeBuckets - 1;
        _stripeShift = (int)long.TrailingZeroCount(plan.StripeBuckets);
        _shift = 64 - (int)long.TrailingZeroCount(plan.BucketCount);
        Path = path;
        Generation = generation;
        HashSeed = hashSeed;
        State = MapState.Of(generation, plan.Version);
        EntryLimit = SlotLayout<TKey, TValue>.EntryLimit(plan.BucketCount);
        MostEntries = EntryLimit / 4 * 5;
        StripeLimit = LimitOfStripe(plan, EntryLimit);
        StripeRoom = plan.StripeBuckets * SlotLayout<TKey, TValue>.SlotsPerBucket * 7 / 8;
    }

    // The windows do not keep the region alive; this object does. Every method that reads through a window ends with GC.KeepAlive(this),
    // so that no table is unmapped under a reader while a growth replaces it.
    ~Table() => Release();

    public string Path { get; }

    public long Generation { get; }

    public ulong HashSeed { get; }

    public TablePlan Plan { get; }

    /// <summary>The state word of map.meta while this is the only table.</summary>
    public long State { get; }

    public long StripeCount => _stripes.Count;

    /// <summary>The number of entries at which the map begins to migrate to a larger table.</summary>
    public long EntryLimit { get; }

    /// <summary>
    /// The maximum number of entries while a larger table is being created or flushed: a quarter more than <see cref="EntryLimit"/>.
    /// Searches become slightly longer, and no write waits. It does no harm if no more entries are added and the table stays that full.
    /// </summary>
    public long MostEntries { get; }

    /// <summary>Whether several writers can replace values that need several stores here at the same time.</summary>
    public bool HasJournalPerStripe => Plan.JournalCount == Plan.StripeCount;

    /// <summary>Whether the memory was released.</summary>
    public bool IsDisposed => _buckets.Count == 0;

    /// <summary>Writes the header of an empty table into fresh zeroed memory.</summary>
    public static Table<TKey, TValue> Initialize(
        MemoryRegion region, string path, long generation, long bucketCount, ulong hashSeed, bool hasJournalPerStripe = false)
    {
        var shape = TableShape.Of<TKey, TValue>();
        TablePlan plan = shape.Plan(MapFormat.Version, bucketCount, hasJournalPerStripe);
        TableFile.WriteHeader(region, shape, plan, generation, hashSeed);
        return new Table<TKey, TValue>(region, path, generation, plan, hashSeed);
    }

    /// <summary>Validates an existing table and takes ownership of the region, also if validation fails.</summary>
    public static Table<TKey, TValue> Open(MemoryRegion region, string path, long generation, ulong hashSeed)
    {
        try
        {
            TablePlan plan = TableFile.Validate(region, path, TableShape.Of<TKey, TValue>(), generation, hashSeed);
            return new Table<TKey, TValue>(region, path, generation, plan, hashSeed);
        }
        catch
        {
            region.Dispose();
            throw;
        }
    }

    public static long BytesFor(long bucketCount, bool hasJournalPerStripe = false) =>
        TableShape.Of<TKey, TValue>().Plan(MapFormat.Version, bucketCount, hasJournalPerStripe).FileBytes;

    /// <summary>The number of buckets of the smallest table that takes a number of entries without growing.</summary>
    public static long BucketsFor(long entries)
    {
        long buckets = MapFormat.MinBuckets;
        while (SlotLayout<TKey, TValue>.EntryLimit(buckets) < entries && buckets < MapFormat.MaxBuckets)
        {
            buckets *= 2;
        }

        return buckets;
    }

    public ulong HashOf(ref readonly TKey key) => _hash.Of(in key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long HomeOf(ref readonly TKey key) => (long)(_hash.Of(in key) >> _shift);

    public long StripeOfBucket(long bucket) => bucket >> _stripeShift;

    public long StripeOf(ref readonly TKey key) => HomeOf(in key) >> _stripeShift;

    public long StripeOfHash(ulong hash) => (long)(hash >> _shift) >> _stripeShift;

    /// <summary>The lowest hash whose home is in a stripe; 0 for the stripe after the last.</summary>
    public ulong FirstHashOf(long stripe) => (ulong)(stripe << _stripeShift) << _shift;

    public long FirstBucketOf(long stripe) => stripe << _stripeShift;

    /// <summary>Whether the entries of a stripe were migrated to the next table.</summary>
    public bool IsMigrated(long stripe)
    {
        bool isMigrated = _stripes.IsMigrated(stripe);
        GC.KeepAlive(this);
        return isMigrated;
    }

    public long EntriesOf(long stripe)
    {
        long entries = _stripes.EntriesOf(stripe);
        GC.KeepAlive(this);
        return entries;
    }

    /// <summary>The number of entries in one unit of the table, which is divided into equal units.</summary>
    public long EntriesOfUnit(long unit, long units)
    {
        long entries = 0;
        long stripes = StripeCount / units;
        for (long stripe = unit * stripes; stripe < (unit + 1) * stripes; stripe++)
        {
            entries += _stripes.EntriesOf(stripe);
        }

        GC.KeepAlive(this);
        return entries;
    }

    /// <summary>Prefetches a bucket that will be read soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long bucket) => _buckets.Prefetch(bucket);

    /// <summary>
    /// Records that this table was replaced. Reports its size to the garbage collector as memory pressure, so that it is collected soon.
    /// </summary>
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

    public void Prefault() => _region.Prefault(0, _region.Length);

    /// <summary>
    /// Frees the memory at once, unless a snapshot pins it. No other thread may be reading: see the thread-safety of StateMap.Dispose.
    /// </summary>
    public void Dispose()
    {
        if (_pins.RemoveOwner())
        {
            TakeAway();
            GC.SuppressFinalize(this);
        }
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

    // A search that reaches the end of a stripe continues at its start.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long NextBucket(long bucket) => (bucket & ~_stripeMask) | ((bucket + 1) & _stripeMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RegionBlock BlockAt(long bucket) => _buckets.At(bucket, SlotLayout<TKey, TValue>.BucketBytes);

    private long OffsetOf(long bucket) => Plan.BucketsOffset + (bucket * SlotLayout<TKey, TValue>.BucketBytes);
}
