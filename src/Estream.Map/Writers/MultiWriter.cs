using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// A writer that shares the map with other threads and processes. It locks the stripe of a key, checks that its tables are still the tables
/// that map.meta names, and then changes the entry. Every process that changes the state word of map.meta first ensures that no writer is
/// between its check and its change; see docs/decisions/0020.
/// </summary>
internal sealed partial class MultiWriter<TKey, TValue> : MapWriter<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const long Replaced = -1;
    private const long NoRoom = -2;

    private readonly WriterRegistry _registry;
    private readonly DirectorySource _files;
    private readonly RegionWord _state;

    public MultiWriter(
        StateMap<TKey, TValue> map, MapOpener<TKey, TValue> opener, MapMeta meta, WriterRegistry registry, DirectorySource files)
        : base(map, opener, meta, isJournaled: false)
    {
        _registry = registry;
        _files = files;
        _state = new RegionWord(meta.Span, MetaLayout.State);
        _smallest = Math.Min(map.CurrentTables.Current.Plan.BucketCount, opener.InitialBuckets);
    }

    public override bool Put(in TKey key, in TValue value)
    {
        if (Feed is not null)
        {
            return PutWithFeed(in key, in value);
        }

        LockOwner lockOwner = Rent();
        try
        {
            return PutAs(lockOwner.Word, in key, in value);
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    public override bool Remove(in TKey key)
    {
        if (Feed is not null)
        {
            return RemoveWithFeed(in key);
        }

        LockOwner lockOwner = Rent();
        try
        {
            Table<TKey, TValue> table = Lock(in key, lockOwner.Word, out long home);
            long entries = RemoveLocked(table, home, in key);
            if (entries >= 0)
            {
                ShrinkIfFarTooLarge(table, entries);
            }

            return entries >= 0;
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    public override bool CompareExchange(in TKey key, in TValue expected, in TValue replacement)
    {
        if (Feed is not null)
        {
            return CompareExchangeWithFeed(in key, in expected, in replacement);
        }

        LockOwner lockOwner = Rent();
        try
        {
            return CompareExchangeAs(lockOwner.Word, in key, in expected, in replacement);
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    /// <summary>As <see cref="MapWriter{TKey, TValue}.Change"/>.</summary>
    public EntryOutcome ChangeEntry<TDecision>(in TKey key, ref TDecision decision)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct
    {
        LockOwner lockOwner = Rent();
        try
        {
            while (true)
            {
                Table<TKey, TValue> table = Lock(in key, lockOwner.Word, out long home);
                EntryOutcome outcome = ChangeLocked(table, home, in key, ref decision, out int added, out long entries);
                if (entries != NoRoom)
                {
                    Note(table, added, entries);
                    return outcome;
                }

                MakeRoom(table, lockOwner.Word);
            }
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    /// <summary>
    /// As <see cref="MapWriter{TKey, TValue}.ExpireNextRun"/>, for a given run. Skips a stripe that is locked, so that no write waits for
    /// this.
    /// </summary>
    public void ExpireRun<TTest>(TablePair<TKey, TValue> tables, long first, ref TTest test)
        where TTest : struct, IEntryTest<TValue>
    {
        LockOwner lockOwner = Rent();
        try
        {
            Table<TKey, TValue> table = tables.Current;
            long stripe = table.StripeOfBucket(first);
            if (table.TryLock(stripe, lockOwner.Word))
            {
                Note(table, -ExpireLocked(tables, stripe, first, ref test), table.EntriesOf(stripe));
            }
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    public override MapSnapshot<TKey, TValue> CreateSnapshot(bool isLeased)
    {
        LockOwner lockOwner = Rent();
        try
        {
            using IDisposable resizeLock = AwaitResizeLock();
            FinishResize(lockOwner.Word);
            Table<TKey, TValue> table = Map.Tables().Current;
            table.RequireUnmigrated();
            int times = IsGrowingSoon(table, table.EntriesOfUnit(0, 1)) ? 2 : 1;
            return FreezeTable(table, Opener.CreateNext(table, table.Plan.BucketCount * times), lockOwner.Word, isLeased);
        }
        finally
        {
            _registry.Return(lockOwner);
        }
    }

    public override void Stop() => AwaitBackground();

    public override void Close(ref TablePair<TKey, TValue> tables, IDisposable? lease)
    {
        EndLease();
        tables = Newest(tables);
        Flush(tables);
        using IDisposable opening = TimedLock.Take(_files.Storage, _files.Describe(MapFormat.OpeningLockFile));
        lease?.Dispose();
        using IDisposable? alone = _files.Storage.TryLock(_files.Describe(MapFormat.LockFile), LockMode.Exclusive);
        if (alone is not null)
        {
            // Completes the batches of killed writers, and flushes data that other writers have stored since.
            tables = Newest(tables);
            Opener.Logs.CompleteAll(Meta, tables);
            Opener.EndLease(Meta, Meta.LeasedTable);
            Flush(tables);
            FlushOrNoteLoss(Meta.SignOff);
        }
    }

    public override void Dispose()
    {
        _registry.Dispose();
        base.Dispose();
    }

    // Another writer may have begun or ended a migration since this writer looked.
    private TablePair<TKey, TValue> Newest(TablePair<TKey, TValue> tables) =>
        tables.State == Meta.State ? tables : Opener.OpenCurrentTables(Meta, tables, RegionAccess.ReadWrite);

    private LockOwner Rent()
    {
        Map.RequireWritable();
        return _registry.Rent();
    }

    private bool PutAs(long owner, in TKey key, in TValue value)
    {
        while (true)
        {
            Table<TKey, TValue> table = Lock(in key, owner, out long home);
            long entries = PutLocked(table, home, in key, in value);
            if (entries == Replaced)
            {
                return false;
            }

            if (entries != NoRoom)
            {
                GrowIfFull(table, entries);
                return true;
            }

            MakeRoom(table, owner);
        }
    }

    private bool CompareExchangeAs(long owner, in TKey key, in TValue expected, in TValue replacement)
    {
        Table<TKey, TValue> table = Lock(in key, owner, out long home);
        try
        {
            return CompareExchangeIn(table, home, in key, in expected, in replacement);
        }
        finally
        {
            table.Unlock(table.StripeOfBucket(home));
            GC.KeepAlive(table);
        }
    }

    /// <returns>The number of entries in the stripe, the new one included, or <see cref="Replaced"/> or <see cref="NoRoom"/>.</returns>
    private static long PutLocked(Table<TKey, TValue> table, long home, in TKey key, in TValue value)
    {
        long stripe = table.StripeOfBucket(home);
        try
        {
            if (table.TryLocate(home, in key, out long bucket, out int slot))
            {
                table.Overwrite(bucket, slot, in value);
                return Replaced;
            }

            if (table.EntriesOf(stripe) >= table.StripeRoom)
            {
                return NoRoom;
            }

            table.InsertUnjournaled(home, in key, in value);
            return table.EntriesOf(stripe);
        }
        finally
        {
            table.Unlock(stripe);
            GC.KeepAlive(table);
        }
    }

    /// <returns>The number of entries left in the stripe, or -1 if the key is not in the map.</returns>
    private static long RemoveLocked(Table<TKey, TValue> table, long home, in TKey key)
    {
        long stripe = table.StripeOfBucket(home);
        try
        {
            if (!table.TryLocate(home, in key, out long bucket, out int slot))
            {
                return -1;
            }

            table.RemoveUnjournaled(home, bucket, slot);
            return table.EntriesOf(stripe);
        }
        finally
        {
            table.Unlock(stripe);
            GC.KeepAlive(table);
        }
    }

    /// <summary>Locks the stripe of a key in the table that holds the key, and migrates the stripe there first if necessary.</summary>
    private Table<TKey, TValue> Lock(in TKey key, long owner, out long home)
    {
        while (true)
        {
            TablePair<TKey, TValue> tables = Map.Tables();
            Table<TKey, TValue> table = tables.Next is null ? tables.Current : MigrateFor(tables, in key, owner);
            home = table.HomeOf(in key);
            long stripe = table.StripeOfBucket(home);
            LockStripe(table, stripe, owner);
            if (_state.ReadAcquire() == tables.State)
            {
                return table;
            }

            // A migration has begun or ended, so another table may hold the key.
            table.Unlock(stripe);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LockStripe(Table<TKey, TValue> table, long stripe, long owner)
    {
        if (!table.TryLock(stripe, owner))
        {
            LockTakenStripe(table, stripe, owner);
        }
    }

    // Waits for a locked stripe. A running owner releases the lock within a microsecond, or within about 50 µs while it migrates the
    // stripe. Otherwise the owner is dead or stopped.
    private void LockTakenStripe(Table<TKey, TValue> table, long stripe, long owner)
    {
        var timeout = new LockTimeout(Opener.Clock);
        while (!table.TryLock(stripe, owner))
        {
            if (!timeout.Wait())
            {
                continue;
            }

            long seen = table.LockOwnerOf(stripe);
            if (seen == OwnerWord.Nobody)
            {
                continue;
            }

            if (_registry.IsDead(seen))
            {
                if (!TryCompleteBatch(table, seen) && table.TryTakeOver(stripe, seen, owner))
                {
                    Repair(table, stripe, seen, owner);
                    return;
                }
            }
            else if (timeout.IsExpired())
            {
                throw Stopped(_registry.ProcessOf(seen));
            }
        }
    }

    // Completes the batch of a dead writer before any of its locks is taken over: otherwise a writer could see only half of the batch.
    private bool TryCompleteBatch(Table<TKey, TValue> table, long dead) => Meta.HasBatches && Opener.Logs.TryComplete(table, dead);

    // Repairs the stripe of a dead owner. On damage, gives the lock back to the dead owner: the next writer must find the damage too, and
    // not write over it.
    private void Repair(Table<TKey, TValue> table, long stripe, long dead, long owner)
    {
        try
        {
            table.RepairStripe(stripe);
            ResolveFeedIntent(table, stripe);
            Meta.CountTakeover();
        }
        catch
        {
            table.TryTakeOver(stripe, owner, dead);
            throw;
        }
    }

    private EstreamLeaseException Stopped(int process) => new(
        $"Process {process} has held a lock of the map in '{_files.Directory}' for a minute and is alive. It is stopped by a "
        + "debugger "
        + "or a signal, or gets no processor time. Let it continue, or end it: its lock is then free.",
        _files.Directory,
        process);

    // Sets the number of entries to NoRoom if nothing was done.
    private EntryOutcome ChangeLocked<TDecision>(
        Table<TKey, TValue> table, long home, in TKey key, ref TDecision decision, out int added, out long entries)
        where TDecision : struct, IEntryDecision<TValue>, allows ref struct
    {
        try
        {
            EntryPlace place = table.Locate(in key);
            EntryOutcome outcome = Decide(table, in place, ref decision, out TValue value, out long version);
            bool hasRoom = outcome != EntryOutcome.Put || place.IsThere || table.EntriesOf(place.Stripe) < table.StripeRoom;
            added = hasRoom ? Perform(table, in place, in key, outcome, in value, version) : 0;
            entries = hasRoom ? table.EntriesOf(place.Stripe) : NoRoom;
            return outcome;
        }
        finally
        {
            table.Unlock(table.StripeOfBucket(home));
            GC.KeepAlive(table);
        }
    }

    private void Note(Table<TKey, TValue> table, int added, long entries)
    {
        if (added > 0)
        {
            GrowIfFull(table, entries);
        }
        else if (added < 0)
        {
            ShrinkIfFarTooLarge(table, entries);
        }
    }

    private int ExpireLocked<TTest>(TablePair<TKey, TValue> tables, long stripe, long first, ref TTest test)
        where TTest : struct, IEntryTest<TValue>
    {
        int removed = 0;
        try
        {
            // Removes nothing if a migration has begun since: another table may hold the entries.
            if (_state.ReadAcquire() == tables.State)
            {
                ExpireRunIn(tables.Current, first, ref test, ref removed);
            }

            return removed;
        }
        finally
        {
            tables.Current.Unlock(stripe);
        }
    }
}
