using Estream.Core;

namespace Estream.Map.Internal;

// Completes the batch of a dead writer, and resolves the feed intents of batches.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>Notes that the feed may have all changes that the batch of a writer slot makes to this stripe.</summary>
    public void SetFeedIntentOfBatch(long stripe, int place) => _stripes.SetFeedIntent(stripe, -1L - place);

    /// <summary>The writer slot whose batch the feed intent of a stripe names; -1 if the intent names another change or none.</summary>
    public int BatchOfFeedIntent(long stripe)
    {
        long intent = _stripes.FeedIntentOf(stripe);
        return intent is < NoIntent and >= -WriterSlots.SlotCount ? (int)(-1 - intent) : -1;
    }

    /// <summary>Publishes the actual state of the batch's keys in a stripe; of all keys of the stripe if the log is unusable.</summary>
    public void ResolveBatchIntent(long stripe, BatchLog<TKey, TValue>? log, ChangeFeed<TKey, TValue> feed)
    {
        if (log is null || !log.IsWhole(out int count))
        {
            PutAll(stripe, feed);
            count = 0;
        }

        for (int index = 0; index < count; index++)
        {
            TKey key = log!.KeyAt(index);
            if (StripeOf(in key) == stripe)
            {
                PublishCurrent(key, feed);
            }
        }

        ClearFeedIntent(stripe);
        GC.KeepAlive(log);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Applies a batch, part of which may be applied already. The caller has the exclusive right to change its stripes. Can be repeated
    /// after a crash: repairs the stripes first, so that no entry is counted twice.
    /// </summary>
    public void Complete(BatchLog<TKey, TValue> log, int count)
    {
        for (int index = 0; index < count; index++)
        {
            RepairStripe(StripeOf(in log.KeyAt(index)));
        }

        for (int index = 0; index < count; index++)
        {
            ref readonly TKey key = ref log.KeyAt(index);
            EntryPlace place = Locate(in key);
            EntryOutcome outcome = log.OutcomeAt(index);
            if (place.IsThere || outcome == EntryOutcome.Put)
            {
                Change(in place, in key, outcome, in log.ValueAt(index), isJournaled: false);
            }
        }

        GC.KeepAlive(log);
        GC.KeepAlive(this);
    }
}
