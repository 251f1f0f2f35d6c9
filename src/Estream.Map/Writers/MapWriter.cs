using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The write side of a map, one derived type for each mode: <see cref="SingleWriter{TKey, TValue}"/>,
/// <see cref="MultiWriter{TKey, TValue}"/> and <see cref="ReadOnlyWriter{TKey, TValue}"/>. The tables belong to the map, which reads
/// without a writer.
/// </summary>
internal abstract partial class MapWriter<TKey, TValue>(
    StateMap<TKey, TValue> map, MapOpener<TKey, TValue> opener, MapMeta meta, bool isJournaled) : IDisposable
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Every 64th write migrates one more unit, so the migration ends long before the next table is full.</summary>
    protected const int WritesPerUnit = 64;

    /// <summary>A map shrinks when it has fewer than this fraction (1/8) of the entries that its table takes.</summary>
    protected const int ShrinkBelow = 8;

    // The writer itself creates a table below this size, which takes less than a millisecond.
    private const long LargeTableBytes = 1 << 20;

    private SnapshotLease<TKey, TValue>? _lease;

    /// <summary>The sink of the map's changes, or <see langword="null"/>.</summary>
    protected ChangeFeed<TKey, TValue>? Feed { get; } = opener.Feed;

    public bool HasFeed => Feed is not null;

    protected StateMap<TKey, TValue> Map { get; } = map;

    protected MapOpener<TKey, TValue> Opener { get; } = opener;

    protected MapMeta Meta { get; } = meta;

    /// <summary>As <see cref="StateMap{TKey, TValue}.Put"/>.</summary>
    public abstract bool Put(in TKey key, in TValue value);

    /// <summary>As <see cref="StateMap{TKey, TValue}.Remove"/>.</summary>
    public abstract bool Remove(in TKey key);

    /// <summary>As <see cref="StateMap{TKey, TValue}.CompareExchange"/>, which calls this method only if its map has no direct
    /// table.</summary>
    public abstract bool CompareExchange(in TKey key, in TValue expected, in TValue replacement);

    /// <summary>Removes all entries and returns to the smallest table.</summary>
    public abstract void Clear();

    /// <summary>As <see cref="StateMap{TKey, TValue}.CreateSnapshot"/>; leased to other processes if <paramref name="isLeased"/>.</summary>
    public abstract MapSnapshot<TKey, TValue> CreateSnapshot(bool isLeased);

    /// <summary>Waits for the background work of this writer. Idempotent.</summary>
    public virtual void Stop()
    {
    }

    /// <summary>Flushes the tables for the last time and records that the writer has closed the map.</summary>
    /// <param name="tables">The tables of the map; replaced by newer ones if another writer created them.</param>
    /// <param name="lease">The lock that marks the map as having a writer.</param>
    public abstract void Close(ref TablePair<TKey, TValue> tables, IDisposable? lease);

    public virtual void Dispose()
    {
    }

    /// <summary>Reads an entry and applies a decision to it, in one step.</summary>
    /// <returns>The outcome.</returns>
    /// <remarks>Not virtual: the runtime looks up the target of a generic virtual call at each call.</remarks>
    public EntryOutcome Change<TDecision>(in TKey key, ref TDecision decision)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct => this switch
    {
        SingleWriter<TKey, TValue> single => single.ChangeEntry(in key, ref decision),
        MultiWriter<TKey, TValue> multi => multi.ChangeEntry(in key, ref decision),
        _ => RefuseWrite<EntryOutcome>(),
    };

    /// <summary>Removes the entries of the next run of buckets that a test finds expired.</summary>
    /// <remarks>Does nothing while the map migrates: the writes complete the migration.</remarks>
    public void ExpireNextRun<TTest>(ref TTest test)
        where TTest : struct, IEntryTest<TValue>
    {
        TablePair<TKey, TValue> tables = Map.Tables();
        if (tables.Next is not null)
        {
            return;
        }

        long first = Meta.NextRun() * Table<TKey, TValue>.BucketsPerRun & (tables.Current.Plan.BucketCount - 1);
        if (this is SingleWriter<TKey, TValue> single)
        {
            single.ExpireRun(tables, first, ref test);
        }
        else if (this is MultiWriter<TKey, TValue> multi)
        {
            multi.ExpireRun(tables, first, ref test);
        }
        else
        {
            RefuseWrite<bool>();
        }
    }

    /// <summary>Flushes the whole map, and the sink of its changes first.</summary>
    public void Flush(TablePair<TKey, TValue> tables) => FlushOrNoteLoss(() =>
    {
        // The sink is flushed first: after a power cut, the device must not have a change whose event is lost.
        Feed?.Flush();
        FlushTables(tables);
        Opener.Logs.FlushFeedIntents();
        Meta.Flush();
        Opener.SyncNames();
    });

    protected T RefuseWrite<T>()
    {
        Map.RequireWritable();
        throw new InvalidOperationException("The map cannot be written.");
    }

    // The kernel drops pages that it could not write, and reports the failure only once. A later flush, here or in the next writer,
    // succeeds without these pages. The word in map.meta records the loss.
    protected void FlushOrNoteLoss(Action flush)
    {
        try
        {
            flush();
        }
        catch (EstreamStorageException)
        {
            Meta.NoteLoss();
            throw;
        }
    }

    protected void FlushNext(Table<TKey, TValue> next)
    {
        try
        {
            next.Flush();
        }
        catch (EstreamStorageException)
        {
            Meta.NoteRefused(next.Generation);
            throw;
        }
    }

    // The whole next table is durable before the word that makes it the only one, and the word before the old file is deleted.
    protected void PublishOnly(Table<TKey, TValue> next, Table<TKey, TValue> old)
    {
        FlushOrNoteLoss(() => FlushNext(next));
        Meta.Publish(next.State);
        FlushOrNoteLoss(Meta.Flush);
        Opener.DeleteUnlessLeased(Meta, old.Generation);
    }

    /// <summary>Leases the table of a snapshot to other processes, in place of the table leased before.</summary>
    protected void LeaseTable(Table<TKey, TValue> table, MapSnapshot<TKey, TValue> snapshot)
    {
        Opener.LeaseTable(Meta, table.Generation);

        // Another table is leased now, so this only marks the previous lease as ended.
        EndLease();
        snapshot.Lease = _lease = new SnapshotLease<TKey, TValue>(Opener, Meta, table.Generation);
    }

    protected void EndLease() => _lease?.End();

    /// <summary>Whether a separate thread creates and flushes a table of this size.</summary>
    protected static bool IsLarge(long buckets) => Table<TKey, TValue>.BytesFor(buckets) >= LargeTableBytes;

    // Whether a table of the same size would be full soon after a migration, or before its end.
    protected static bool IsGrowingSoon(Table<TKey, TValue> table, long entries) => entries > table.EntryLimit / 4 * 3;

    /// <summary>Replaces a value in the table of its key, which the caller has the exclusive right to change.</summary>
    public static bool CompareExchangeIn(Table<TKey, TValue> table, long home, in TKey key, in TValue expected, in TValue replacement)
    {
        bool isExpected = table.TryLocate(home, in key, out long bucket, out int slot)
            && RawValue.AreEqual(in table.ValueAt(bucket, slot), in expected);
        if (isExpected)
        {
            table.Overwrite(bucket, slot, in replacement);
        }

        GC.KeepAlive(table);
        return isExpected;
    }

    protected EntryOutcome Decide<TDecision>(
        Table<TKey, TValue> table, in EntryPlace place, ref TDecision decision, out TValue value, out long version)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct
    {
        value = place.IsThere ? table.ValueAt(place.Bucket, place.Slot) : default;
        version = TDecision.TakesVersions ? Math.Max(table.VersionOf(place.Stripe), Meta.VersionFloor) + 1 : 0;
        EntryOutcome outcome = decision.Decide(place.IsThere, ref value, version);
        return outcome == EntryOutcome.Put || place.IsThere ? outcome : EntryOutcome.Keep;
    }

    // The caller has the exclusive right to change the entry.
    protected int Perform(
        Table<TKey, TValue> table, in EntryPlace place, in TKey key, EntryOutcome outcome, in TValue value, long version)
    {
        if (version > 0 && outcome == EntryOutcome.Put)
        {
            table.UseVersion(place.Stripe, version);
        }

        int added = Feed is { } feed
            ? PerformWithFeed(feed, table, in place, in key, outcome, in value)
            : table.Change(in place, in key, outcome, in value, isJournaled);
        GC.KeepAlive(table);
        return added;
    }

    protected void ExpireRunIn<TTest>(Table<TKey, TValue> table, long first, ref TTest test, ref int removed)
        where TTest : struct, IEntryTest<TValue>
    {
        for (long bucket = first; bucket < first + Table<TKey, TValue>.BucketsPerRun; bucket++)
        {
            for (int slot = 0; table.TryFind(bucket, ref slot, ref test, out TKey key, out EntryPlace place); slot++)
            {
                removed -= Perform(table, in place, in key, EntryOutcome.Expire, value: default, version: 0);
            }
        }

        GC.KeepAlive(table);
    }

    // After a power cut, migrated entries count only if the device has them: see docs/formats/map.md.
    private void FlushTables(TablePair<TKey, TValue> tables)
    {
        if (tables.Next is { } next)
        {
            IReadOnlyList<long> moved = tables.Current.UnflushedMigrations();
            FlushNext(next);
            if (!Meta.WasRefused(next.Generation))
            {
                tables.Current.MarkMigrationsFlushed(moved);
            }
        }

        tables.Current.Flush();
    }
}

/// <summary>The writer of a map that was opened read-only: every write throws.</summary>
internal sealed class ReadOnlyWriter<TKey, TValue>(StateMap<TKey, TValue> map, MapOpener<TKey, TValue> opener, MapMeta meta)
    : MapWriter<TKey, TValue>(map, opener, meta, isJournaled: false)
    where TKey : unmanaged
    where TValue : unmanaged
{
    public override bool Put(in TKey key, in TValue value) => RefuseWrite<bool>();

    public override bool Remove(in TKey key) => RefuseWrite<bool>();

    public override bool CompareExchange(in TKey key, in TValue expected, in TValue replacement) => RefuseWrite<bool>();

    public override void Clear() => RefuseWrite<bool>();

    public override MapSnapshot<TKey, TValue> CreateSnapshot(bool isLeased) => RefuseWrite<MapSnapshot<TKey, TValue>>();

    public override void Close(ref TablePair<TKey, TValue> tables, IDisposable? lease)
    {
    }

    protected override BatchSlot<TKey, TValue> OpenBatchSlot(int capacity) => RefuseWrite<BatchSlot<TKey, TValue>>();

    protected override bool CommitSorted(BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot) => RefuseWrite<bool>();

    protected override void ResolveFeedIntentOfKey(TKey key, BatchSlot<TKey, TValue> slot) => RefuseWrite<bool>();
}
