using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// The writer of a map that one object of one process writes, one thread at a time. It takes no lock and uses no atomic instruction.
/// Another part of this class resizes the map.
/// </summary>
internal sealed partial class SingleWriter<TKey, TValue> : MapWriter<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    public SingleWriter(StateMap<TKey, TValue> map, MapOpener<TKey, TValue> opener, MapMeta meta, bool isCutOff)
        : base(map, opener, meta, isJournaled: true)
    {
        TablePair<TKey, TValue> tables = map.CurrentTables;
        _count = tables.Count();
        _isRepeated = isCutOff;
        _smallest = Math.Min(tables.Current.Plan.BucketCount, opener.InitialBuckets);
        Use(tables);
        if (tables.Next is { } next)
        {
            Begin(tables.Current, next);
        }
    }

    public override bool Put(in TKey key, in TValue value)
    {
        if (Map.DirectTable is not { } table)
        {
            if (Feed is not null)
            {
                return PutWithFeed(in key, in value);
            }

            table = TableFor(in key);
        }

        return PutIn(table, table.HomeOf(in key), in key, in value);
    }

    /// <summary>Stores a value whose home bucket is known.</summary>
    /// <returns>Whether the key is new.</returns>
    public bool PutIn(Table<TKey, TValue> table, long home, in TKey key, in TValue value)
    {
        if (table.TryLocate(home, in key, out long bucket, out int slot))
        {
            table.Overwrite(bucket, slot, in value);
            GC.KeepAlive(table);
            return false;
        }

        if (IsFull(table, home))
        {
            table = MakeRoom(in key);
            home = table.HomeOf(in key);
        }

        table.Insert(home, in key, in value);
        AfterInsert();
        GC.KeepAlive(table);
        return true;
    }

    public override bool Remove(in TKey key)
    {
        if (Feed is not null)
        {
            return RemoveWithFeed(in key);
        }

        Table<TKey, TValue> table = TableFor(in key);
        long home = table.HomeOf(in key);
        bool isThere = table.TryLocate(home, in key, out long bucket, out int slot);
        if (isThere)
        {
            table.Remove(home, bucket, slot);
            AfterRemove();
        }

        GC.KeepAlive(table);
        return isThere;
    }

    public override bool CompareExchange(in TKey key, in TValue expected, in TValue replacement)
    {
        if (Feed is not null)
        {
            return CompareExchangeWithFeed(in key, in expected, in replacement);
        }

        Table<TKey, TValue> table = TableFor(in key);
        return CompareExchangeIn(table, table.HomeOf(in key), in key, in expected, in replacement);
    }

    /// <summary>As <see cref="MapWriter{TKey, TValue}.Change"/>.</summary>
    public EntryOutcome ChangeEntry<TDecision>(in TKey key, ref TDecision decision)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct
    {
        Table<TKey, TValue> table = TableFor(in key);
        EntryPlace place = table.Locate(in key);
        EntryOutcome outcome = Decide(table, in place, ref decision, out TValue value, out long version);
        if (outcome == EntryOutcome.Put && !place.IsThere && IsFull(table, place.Home))
        {
            table = MakeRoom(in key);
            place = table.Locate(in key);
        }

        Count(Perform(table, in place, in key, outcome, in value, version));
        return outcome;
    }

    /// <summary>As <see cref="MapWriter{TKey, TValue}.ExpireNextRun"/>, for a given run.</summary>
    public void ExpireRun<TTest>(TablePair<TKey, TValue> tables, long first, ref TTest test)
        where TTest : struct, IEntryTest<TValue>
    {
        int removed = 0;
        try
        {
            ExpireRunIn(tables.Current, first, ref test, ref removed);
        }
        finally
        {
            for (; removed > 0; removed--)
            {
                AfterRemove();
            }
        }
    }

    public override MapSnapshot<TKey, TValue> CreateSnapshot(bool isLeased)
    {
        // Finishes a migration first, because the limits of the table after the migration apply.
        Finish();
        if (isLeased)
        {
            Map.CurrentTable!.WriteSnapshotHeader(Opener.Clock.CoarseUtcNanos, Meta);
        }

        Table<TKey, TValue> table = BeginResize(isGrowing: IsGrowingSoon(Map.CurrentTable!, _count));
        var snapshot = new MapSnapshot<TKey, TValue>(table, Meta, Map.Directory, Opener.Clock.CoarseUtcNanos);
        if (isLeased)
        {
            LeaseTable(table, snapshot);
        }

        return snapshot;
    }

    public override void Close(ref TablePair<TKey, TValue> tables, IDisposable? lease)
    {
        EndLease();
        Flush(tables);
        FlushOrNoteLoss(Meta.SignOff);
    }

    protected override BatchSlot<TKey, TValue> OpenBatchSlot(int capacity)
    {
        int number = Opener.Logs.FreeSlot();
        if (number >= 0)
        {
            return OpenBatchSlot(number, lockOwner: null, capacity);
        }

        string path = Map.Directory ?? "memory";
        throw new EstreamLeaseException(
            $"All {WriterSlots.SlotCount} batch slots of the map in '{path}' are taken. Dispose batches that are not needed any "
            + "more.",
            path);
    }

    protected override bool CommitSorted(BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        if (MakeReady(plan) is not { } table)
        {
            return false;
        }

        CommitIn(table, plan, slot);
        for (int index = 0; index < plan.Count; index++)
        {
            Count(plan.AddedBy(index));
        }

        return true;
    }

    protected override void ResolveFeedIntentOfKey(TKey key, BatchSlot<TKey, TValue> slot)
    {
        Table<TKey, TValue> table = TableFor(in key);
        ResolveFeedIntent(table, table.StripeOf(in key));
    }

    // Returns the table in which to change a key.
    private Table<TKey, TValue> TableFor(in TKey key)
    {
        Table<TKey, TValue>? table = Map.CurrentTable;
        if (table is null)
        {
            ThrowHelper.Disposed();
        }

        return IsMigrating ? MigrateFor(in key) : table;
    }

    // A value may be replaced by one store in the current table, unless the map migrates or has a feed.
    private void Use(TablePair<TKey, TValue> tables) => Map.Use(tables, isDirect: Feed is null);

    private void Count(int added)
    {
        if (added > 0)
        {
            AfterInsert();
        }
        else if (added < 0)
        {
            AfterRemove();
        }
    }
}
