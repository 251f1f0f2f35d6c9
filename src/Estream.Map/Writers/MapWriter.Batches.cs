using Estream.Core;

namespace Estream.Map.Internal;

// The commit of a batch: check it, write it to its log, publish it, commit it by one store, apply it. A crash before the store leaves the
// map as it was; after the store, any living writer applies the rest.
internal abstract partial class MapWriter<TKey, TValue>
{
    /// <summary>Takes a slot for a batch, with a log for as many changes.</summary>
    public BatchSlot<TKey, TValue> TakeBatchSlot(int capacity)
    {
        AllowBatches();
        return OpenBatchSlot(capacity);
    }

    /// <summary>Releases the slot of a batch.</summary>
    public virtual void ReleaseBatchSlot(BatchSlot<TKey, TValue> slot) => Opener.Logs.TryRelease(slot.Number);

    /// <summary>Applies a batch in one step.</summary>
    /// <returns>Whether its requirements are met; otherwise nothing changed.</returns>
    public bool Commit(BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        ResolveFeedIntentsOfLog(slot);
        plan.Sort();
        return plan.Count == 0 || CommitSorted(plan, slot);
    }

    protected abstract BatchSlot<TKey, TValue> OpenBatchSlot(int capacity);

    protected abstract bool CommitSorted(BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot);

    /// <summary>Repairs the feed intent of the stripe of a key.</summary>
    protected abstract void ResolveFeedIntentOfKey(TKey key, BatchSlot<TKey, TValue> slot);

    // Opens or creates the log of a slot. First completes and publishes a batch that the previous owner left in the log.
    protected BatchSlot<TKey, TValue> OpenBatchSlot(int number, LockOwner? lockOwner, int capacity)
    {
        BatchLogs<TKey, TValue> logs = Opener.Logs;
        BatchLog<TKey, TValue>? log = logs.TryOpen(number, Meta.HashSeed);
        try
        {
            if (log is not null)
            {
                logs.CompleteBefore(log, Map.Tables());
                ResolveFeedIntentsOfLog(new BatchSlot<TKey, TValue>(number, lockOwner) { Log = log });
            }

            if (log is null || log.Capacity < capacity)
            {
                log?.Dispose();
                log = logs.Create(number, capacity, Meta.HashSeed);
            }

            logs.Keep(number, log);
            Announce(log);
            return new BatchSlot<TKey, TValue>(number, lockOwner) { Log = log };
        }
        catch
        {
            log?.Dispose();
            throw;
        }
    }

    // The count rises before the log is marked: a crash in between makes the count rise twice, but no log is missed.
    private void Announce(BatchLog<TKey, TValue> log)
    {
        if (!log.IsAnnounced)
        {
            Meta.NoteLogMade();
            log.Announce();
        }
    }

    // Older programs do not know the logs and refuse the map from here on. The mark in map.meta is durable before there is a log.
    private void AllowBatches()
    {
        if (MetaFile.AllowBatches(Meta.Span))
        {
            FlushOrNoteLoss(Meta.Flush);
        }

        Opener.Logs.CreateFolder();
    }

    // A sink may have refused part of the previous batch. The log is rewritten only after its feed intents are resolved.
    private void ResolveFeedIntentsOfLog(BatchSlot<TKey, TValue> slot)
    {
        BatchLog<TKey, TValue> log = slot.Log;
        if (!log.HasFeedIntents || Feed is null)
        {
            return;
        }

        int count = log.IsWhole(out int changes) ? changes : 0;
        for (int index = 0; index < count; index++)
        {
            ResolveFeedIntentOfKey(log.KeyAt(index), slot);
        }

        log.SetHasFeedIntents(false);
    }

    // The caller has the exclusive right to change the stripes of the batch, and there is room.
    protected void CommitIn(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        BatchLog<TKey, TValue> log = slot.Log;
        ResolveFeedIntentsOfBatch(table, plan);
        plan.UseVersions(table);
        log.Write(plan, table.Generation, Meta.WriterEpoch);
        PublishBatch(table, plan, slot);
        log.Commit(slot.Word);
        try
        {
            plan.Apply(table, isJournaled);
        }
        finally
        {
            // Apply throws only if the table is damaged. Then part of the batch is missing, and the batch ends anyway.
            log.End();
        }

        ClearFeedIntents(table, plan, log);
    }

    private void ResolveFeedIntentsOfBatch(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan)
    {
        for (int place = 0; Feed is not null && place < plan.Count; place++)
        {
            if (plan.IsNewStripe(table, place, out long stripe))
            {
                ResolveFeedIntent(table, stripe);
            }
        }
    }

    // Publishes the whole batch before any change is applied. If the sink refuses an event, no change is applied, and the feed intents of
    // the stripes stay.
    private void PublishBatch(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchSlot<TKey, TValue> slot)
    {
        if (Feed is not { } feed)
        {
            return;
        }

        slot.Log.SetHasFeedIntents(true);
        for (int place = 0; place < plan.Count; place++)
        {
            if (plan.IsNewStripe(table, place, out long stripe))
            {
                table.SetFeedIntentOfBatch(stripe, slot.Number);
            }
        }

        for (int index = 0; index < plan.Count; index++)
        {
            EntryOutcome outcome = plan.OutcomeOf(index);
            if (outcome == EntryOutcome.Put)
            {
                feed.Put(in plan.KeyOf(index), in plan.ValueOf(index));
            }
            else if (outcome != EntryOutcome.Keep)
            {
                feed.Remove(in plan.KeyOf(index), outcome == EntryOutcome.Expire ? MapChangeKind.Expire : MapChangeKind.Remove);
            }
        }
    }

    private void ClearFeedIntents(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchLog<TKey, TValue> log)
    {
        if (Feed is null)
        {
            return;
        }

        for (int place = 0; place < plan.Count; place++)
        {
            if (plan.IsNewStripe(table, place, out long stripe))
            {
                table.ClearFeedIntent(stripe);
            }
        }

        log.SetHasFeedIntents(false);
    }
}
