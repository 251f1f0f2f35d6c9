using Estream.Core;

namespace Estream.Map.Internal;

// Migrates the map from one table to the next, a little with each write. A separate thread creates a large next table, and flushes it at
// the end. Only Stop may be called by a thread other than the writer.
internal sealed partial class SingleWriter<TKey, TValue>
{
    private readonly long _smallest;
    private long _count;
    private Task<Table<TKey, TValue>>? _prepared;
    private Task? _ending;
    private long _units;
    private long _unmigrated;
    private long _cursor;
    private int _writes;
    private int _triesAfter;
    private long _shrinkBelow = long.MaxValue;
    private bool _isRepeated;

    private bool IsMigrating { get; set; }

    private bool IsFull(Table<TKey, TValue> table, long home) => !HasRoomFor(table, 1) || table.IsFull(home);

    private void AfterInsert()
    {
        _count++;
        PrepareIfNearlyFull();
    }

    private void AfterRemove()
    {
        _count--;
        ShrinkIfFarTooLarge();
    }

    /// <summary>Migrates the unit of a key before the key is changed, and sometimes one more unit.</summary>
    /// <returns>The table in which to change the key.</returns>
    private Table<TKey, TValue> MigrateFor(in TKey key)
    {
        TablePair<TKey, TValue> tables = Map.CurrentTables;
        Table<TKey, TValue> next = tables.Next!;
        MigrateUnit(tables, tables.Current.UnitOf(tables.Current.HomeOf(in key), next));
        if (++_writes >= WritesPerUnit)
        {
            _writes = 0;
            MigrateNextUnit(tables);
        }

        try
        {
            EndIfDone(tables);
        }
        catch (EstreamStorageException)
        {
            // The device refused part of the next table, so the old table stays, and map.meta records the refusal. This write does not
            // depend on the end of the migration; a later write tries again.
            _triesAfter = WritesPerUnit;
        }

        return next;
    }

    /// <summary>Makes room for a key in the next table, and creates that table if it is missing.</summary>
    /// <returns>The table in which to add the key.</returns>
    private Table<TKey, TValue> MakeRoom(in TKey key)
    {
        if (IsMigrating)
        {
            // Finishing the migration may be enough to make room: it corrects the entry count of a damaged file.
            Finish();
            Table<TKey, TValue> table = Map.CurrentTable!;
            if (!IsFull(table, table.HomeOf(in key)))
            {
                return table;
            }
        }

        BeginResize(isGrowing: true);
        return MigrateFor(in key);
    }

    /// <summary>Migrates all remaining units and waits until only one table is left.</summary>
    private void Finish()
    {
        while (IsMigrating)
        {
            TablePair<TKey, TValue> tables = Map.CurrentTables;
            MigrateNextUnit(tables);
            _triesAfter = 0;
            EndIfDone(tables);
            if (_unmigrated == 0 && _ending is { } ending)
            {
                // Only waits; EndIfDone then reports the outcome.
                ((IAsyncResult)ending).AsyncWaitHandle.WaitOne();
            }
        }
    }

    public override void Clear()
    {
        FinishWithoutShrinking();
        DropPrepared();
        TablePair<TKey, TValue> before = Map.CurrentTables;
        Table<TKey, TValue> empty = Opener.CreateNext(before.Current, MapFormat.MinBuckets);
        PublishClear(before.Current, empty);
        Meta.RaiseVersionFloor(before.Current.HighestVersion);
        Use(new TablePair<TKey, TValue>(empty, null));
        Meta.Publish(empty.State);
        _count = 0;
        before.RetireOthers(Map.CurrentTables);
        FlushOrNoteLoss(Meta.Flush);
        Opener.DeleteTable(before.Current.Generation);
    }

    // Finishes a migration without starting to shrink afterwards: another thread would create the smaller table under the file name of the
    // empty one.
    private void FinishWithoutShrinking()
    {
        long shrinkBelow = _shrinkBelow;
        _shrinkBelow = 0;
        try
        {
            Finish();
        }
        finally
        {
            _shrinkBelow = shrinkBelow;
        }
    }

    /// <inheritdoc/>
    public override void Stop()
    {
        DropPrepared();
        try
        {
            _ending?.GetAwaiter().GetResult();
        }
        catch (EstreamException)
        {
            // The map is intact; the next writer continues the migration.
        }
    }

    // No write waits while a larger table is created, or flushed at the end of a migration: meanwhile the table takes a quarter more
    // entries. If neither is under way, because the disk is full or the device refuses, the table takes no more than its limit.
    private bool HasRoomFor(Table<TKey, TValue> table, long added) =>
        _count + added <= table.EntryLimit || (_count + added <= table.MostEntries && IsLargerOnItsWay);

    private bool IsLargerOnItsWay => (IsMigrating ? _ending : _prepared) is { IsCompleted: false };

    private void PrepareIfNearlyFull()
    {
        if (IsMigrating || _prepared is not null)
        {
            return;
        }

        Table<TKey, TValue> table = Map.CurrentTable!;
        if (IsLarge(table.Plan.BucketCount * 2) && _count >= table.EntryLimit / 8 * 7)
        {
            TryPrepare(table.Plan.BucketCount * 2);
        }
    }

    // Begins a migration, after finishing a running one. Returns the table that the map migrates from.
    private Table<TKey, TValue> BeginResize(bool isGrowing)
    {
        Finish();
        Table<TKey, TValue> table = Map.CurrentTable!;
        table.RequireUnmigrated();
        Publish(table, TakePrepared(isGrowing ? table.Plan.BucketCount * 2 : table.Plan.BucketCount));
        return table;
    }

    private void ShrinkIfFarTooLarge()
    {
        Table<TKey, TValue> table = Map.CurrentTable!;
        if (IsMigrating || table.Plan.BucketCount <= _smallest || _count >= Math.Min(_shrinkBelow, table.EntryLimit / ShrinkBelow))
        {
            return;
        }

        try
        {
            _shrinkBelow = long.MaxValue;
            Shrink(table);
        }
        catch (Exception failure) when (IsOfMaking(failure))
        {
            // There is no room for the smaller table in addition to this one. The map does not need the smaller table, and tries again with
            // fewer entries.
            _shrinkBelow = _count / 2;
        }
    }

    private void Shrink(Table<TKey, TValue> table)
    {
        long buckets = table.Plan.BucketCount / 2;
        if (_prepared is null && IsLarge(buckets))
        {
            Prepare(buckets);
        }

        if (_prepared is { IsCompleted: false })
        {
            return;
        }

        Table<TKey, TValue> next = TakePrepared(buckets);
        if (table.FitsInto(next))
        {
            Publish(table, next);
        }
        else
        {
            Opener.Abandon(next);
            _shrinkBelow = _count / 2;
        }
    }

    // Called after the entry is stored. If the preparation fails, the write that needs the table creates it, or is refused.
    private void TryPrepare(long buckets)
    {
        try
        {
            Prepare(buckets);
        }
        catch (Exception failure) when (IsOfMaking(failure))
        {
        }
    }

    // Whether a table could not be created, for lack of disk space, memory or threads. The contents of the map are not affected.
    private static bool IsOfMaking(Exception failure) => failure is EstreamException or OutOfMemoryException or TaskSchedulerException;

    private void Prepare(long buckets)
    {
        Table<TKey, TValue> table = Map.CurrentTable!;
        _prepared = Task.Factory.StartNew(
            () => Opener.CreateNext(table, buckets), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private Table<TKey, TValue> TakePrepared(long buckets)
    {
        if (_prepared is not { } spare)
        {
            return Opener.CreateNext(Map.CurrentTable!, buckets);
        }

        // Forgets the task before its result is read: after a failure the next call tries again.
        _prepared = null;
        Table<TKey, TValue> next = spare.GetAwaiter().GetResult();
        if (next.Plan.BucketCount == buckets)
        {
            return next;
        }

        Opener.Abandon(next);
        return Opener.CreateNext(Map.CurrentTable!, buckets);
    }

    private void DropPrepared()
    {
        if (_prepared is { } spare)
        {
            _prepared = null;
            try
            {
                Opener.Abandon(spare.GetAwaiter().GetResult());
            }
            catch (Exception failure) when (IsOfMaking(failure))
            {
                // The creation failed, so there is no table to abandon.
            }
        }
    }

    private void Publish(Table<TKey, TValue> table, Table<TKey, TValue> next)
    {
        // Stores in this order: the tables for readers of this process, the word for other processes, the mark of the first stripe.
        Use(new TablePair<TKey, TValue>(table, next));
        Meta.Publish(MapState.Migrating(table.Generation));
        _isRepeated = false;
        Begin(table, next);
    }

    private void Begin(Table<TKey, TValue> table, Table<TKey, TValue> next)
    {
        _units = table.UnitsTo(next);
        _unmigrated = 0;
        for (long unit = 0; unit < _units; unit++)
        {
            _unmigrated += table.IsUnitMigrated(unit, next) ? 0 : 1;
        }

        _cursor = 0;
        _writes = 0;
        _triesAfter = 0;
        _ending = null;
        IsMigrating = true;
    }

    private void MigrateNextUnit(TablePair<TKey, TValue> tables)
    {
        while (_cursor < _units && tables.Current.IsUnitMigrated(_cursor, tables.Next!))
        {
            _cursor++;
        }

        if (_cursor < _units)
        {
            MigrateUnit(tables, _cursor);
        }
    }

    private void MigrateUnit(TablePair<TKey, TValue> tables, long unit)
    {
        if (!tables.Current.IsUnitMigrated(unit, tables.Next!))
        {
            ResolveFeedIntentsOfUnit(tables, unit);
            long claimed = tables.Current.EntriesOfUnit(unit, _units);
            tables.Current.MigrateUnit(unit, tables.Next!, _isRepeated);
            _unmigrated--;

            // Recounts, because a map that trusts a damaged count would grow with each write, endlessly.
            _count += tables.Next!.EntriesOfUnit(unit, _units) - claimed;
        }
    }

    private void EndIfDone(TablePair<TKey, TValue> tables)
    {
        if (_unmigrated > 0 || (_triesAfter > 0 && --_triesAfter > 0))
        {
            return;
        }

        if (_ending is null && IsLarge(tables.Next!.Plan.BucketCount))
        {
            _ending = Task.Factory.StartNew(
                () => PublishOnly(tables.Next!, tables.Current),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
        else if (_ending is null)
        {
            PublishOnly(tables.Next!, tables.Current);
            _ending = Task.CompletedTask;
        }

        if (_ending.IsCompleted)
        {
            // Forgets the task before its result is read: after a failure the next write tries again.
            Task ended = _ending;
            _ending = null;
            ended.GetAwaiter().GetResult();
            Use(new TablePair<TKey, TValue>(tables.Next!, null));
            IsMigrating = false;
            tables.Current.Retire();

            // The entry count may have fallen, or passed the limit, during the final flush.
            ShrinkIfFarTooLarge();
            PrepareIfNearlyFull();
        }
    }

    /// <summary>Migrates the keys of a batch into one table and makes room for all its keys.</summary>
    /// <returns>The table; <see langword="null"/> if a requirement of the batch is not met.</returns>
    private Table<TKey, TValue>? MakeReady(BatchPlan<TKey, TValue> plan)
    {
        // Keeps the map from shrinking again before the batch has filled the room made for it.
        long shrinkBelow = _shrinkBelow;
        _shrinkBelow = 0;
        try
        {
            while (true)
            {
                Table<TKey, TValue> table = MigrateFor(plan);
                long stripeRoom = table.Plan.StripeBuckets * SlotLayout<TKey, TValue>.SlotsPerBucket;
                BatchVerdict verdict = plan.Examine(table, stripeRoom, Meta.VersionFloor);
                if (verdict == BatchVerdict.IsUnmet)
                {
                    return null;
                }

                if (verdict == BatchVerdict.IsReady && (plan.Added == 0 || HasRoomFor(table, plan.Added)))
                {
                    return table;
                }

                if (IsMigrating)
                {
                    Finish();
                }
                else
                {
                    BeginResize(isGrowing: true);
                }
            }
        }
        finally
        {
            _shrinkBelow = shrinkBelow;
        }
    }

    // Migrates the units of all keys of the batch. If that ends the migration, the keys stay in the same table, and no other migration
    // begins.
    private Table<TKey, TValue> MigrateFor(BatchPlan<TKey, TValue> plan)
    {
        for (int index = 1; index < plan.Count; index++)
        {
            TableFor(in plan.KeyOf(index));
        }

        return TableFor(in plan.KeyOf(0));
    }
}
