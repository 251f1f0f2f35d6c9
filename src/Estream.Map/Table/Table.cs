using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// One generation of a map: a table of fixed size in a region of its own. Growing makes a new one and moves the entries there, stripe by
/// stripe; this one stays whole for whoever still reads it, and is given back to the system by the garbage collector when nobody does.
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

    // The windows do not keep the region alive, this object does: every method that reads through a window ends with
    // GC.KeepAlive(this), so that no table is unmapped under a reader that had just been overtaken by a growth.
    ~Table() => Release();

    public string Path { get; }

    public long Generation { get; }

    public ulong HashSeed { get; }

    public TablePlan Plan { get; }

    /// <summary>What the state word of map.meta is while this table alone is the current one.</summary>
    public long State { get; }

    public long StripeCount => _stripes.Count;

    /// <summary>The number of entries at which the map begins to move into a larger table.</summary>
    public long EntryLimit { get; }

    /// <summary>How many it takes while the larger table is not there yet: a quarter more. Searches grow a little longer, and nobody waits;
    /// nor does it harm where nothing is added any more and it stays so.</summary>
    public long MostEntries { get; }

    /// <summary>Whether several writers can replace values of several stores here at the same time.</summary>
    public bool HasJournalPerStripe => Plan.JournalCount == Plan.StripeCount;

    /// <summary>Whether the memory was taken away.</summary>
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

    /// <summary>Checks an existing table and takes over the region, also when the check fails.</summary>
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

    public ulong HashOf(ref readonly TKey key) => _hash.Of(in key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long HomeOf(ref readonly TKey key) => (long)(_hash.Of(in key) >> _shift);

    public long StripeOfBucket(long bucket) => bucket >> _stripeShift;

    public long StripeOf(ref readonly TKey key) => HomeOf(in key) >> _stripeShift;

    public long StripeOfHash(ulong hash) => (long)(hash >> _shift) >> _stripeShift;

    /// <summary>The lowest hash whose home is in a stripe; 0 for the stripe behind the last.</summary>
    public ulong FirstHashOf(long stripe) => (ulong)(stripe << _stripeShift) << _shift;

    public long FirstBucketOf(long stripe) => stripe << _stripeShift;

    /// <summary>Whether the entries of a stripe were moved to the next table.</summary>
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

    /// <summary>The number of entries in one of so many equal parts of the table.</summary>
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

    /// <summary>Asks the processor for a bucket that is going to be looked at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long bucket) => _buckets.Prefetch(bucket);

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

    public void Prefault() => _region.Prefault(0, _region.Length);

    /// <summary>Takes the memory away at once, unless a snapshot holds it. Nobody else may be reading: see the thread-safety of
    /// StateMap.Dispose.</summary>
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

    // A search that comes to the end of a stripe goes on at its start.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long NextBucket(long bucket) => (bucket & ~_stripeMask) | ((bucket + 1) & _stripeMask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RegionBlock BlockAt(long bucket) => _buckets.At(bucket, SlotLayout<TKey, TValue>.BucketBytes);

    private long OffsetOf(long bucket) => Plan.BucketsOffset + (bucket * SlotLayout<TKey, TValue>.BucketBytes);
}
