namespace Estream.Map.Internal;

// Commits a batch under the locks of all its stripes, taken in ascending order, in the table that holds all its keys.
internal sealed partial class MultiWriter<TKey, TValue>
{
    public override void ReleaseBatchSlot(BatchSlot<TKey, TValue> slot)
    {
        if (Opener.Logs.TryRelease(slot.Number) && slot.LockOwner is { } lockOwner)
        {
            _registry.Return(lockOwner);
        }
    }

    protected override BatchSlot<TKey, TValue> OpenBatchSlot(int capacity)
    {
        LockOwner lockOwner = _registry.Rent();
        try
        {
            return OpenBatchSlot(lockOwner.Slot.Number, lockOwner, capacity);
        }
        catch
        {
            _registry.Return(lockOwner);
            throw;
        }
    }

    protected override bool CommitSorted(BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        while (true)
        {
            Table<TKey, TValue> table = LockFor(plan, slot.Word);
            BatchVerdict verdict = CommitLocked(table, plan, slot);
            if (verdict == BatchVerdict.IsUnmet)
            {
                return false;
            }

            if (verdict == BatchVerdict.IsReady)
            {
                Note(table, plan);
                return true;
            }

            MakeRoom(table, slot.Word);
        }
    }

    protected override void ResolveFeedIntentOfKey(TKey key, BatchSlot<TKey, TValue> slot)
    {
        Table<TKey, TValue> table = Lock(in key, slot.Word, out long home);
        long stripe = table.StripeOfBucket(home);
        try
        {
            ResolveFeedIntent(table, stripe);
        }
        finally
        {
            table.Unlock(stripe);
            GC.KeepAlive(table);
        }
    }

    private BatchVerdict CommitLocked(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        try
        {
            BatchVerdict verdict = plan.Examine(table, table.StripeRoom, Meta.VersionFloor);
            if (verdict == BatchVerdict.IsReady)
            {
                CommitIn(table, plan, slot);
            }

            return verdict;
        }
        finally
        {
            UnlockFirst(table, plan, plan.Count);
        }
    }

    private void Note(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan)
    {
        for (int index = 0; index < plan.Count; index++)
        {
            Note(table, plan.AddedBy(index), table.EntriesOf(plan.StripeOf(index)));
        }
    }

    private Table<TKey, TValue> LockFor(BatchPlan<TKey, TValue> plan, long owner)
    {
        while (true)
        {
            TablePair<TKey, TValue> tables = Map.Tables();
            Table<TKey, TValue> table = tables.Next ?? tables.Current;
            for (int index = 0; tables.Next is not null && index < plan.Count; index++)
            {
                MigrateFor(tables, in plan.KeyOf(index), owner);
            }

            LockAll(table, plan, owner);
            if (_state.ReadAcquire() == tables.State)
            {
                return table;
            }

            // A migration has begun or ended, so another table may hold the keys.
            UnlockFirst(table, plan, plan.Count);
        }
    }

    private void LockAll(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, long owner)
    {
        int locked = 0;
        try
        {
            for (; locked < plan.Count; locked++)
            {
                if (plan.IsNewStripe(table, locked, out long stripe))
                {
                    LockStripe(table, stripe, owner);
                }
            }
        }
        catch
        {
            UnlockFirst(table, plan, locked);
            throw;
        }
    }

    // Unlocks the stripes of the first keys in order.
    private static void UnlockFirst(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, int count)
    {
        while (--count >= 0)
        {
            if (plan.IsNewStripe(table, count, out long stripe))
            {
                table.Unlock(stripe);
            }
        }

        GC.KeepAlive(table);
    }
}
