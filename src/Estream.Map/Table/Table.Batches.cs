using Estream.Core;

namespace Estream.Map.Internal;

// What is made of the log of a batch whose owner died over it, and what a stripe owes to the change feed because of one.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>Says that the feed may have been told all that the batch of this place changes here.</summary>
    public void OweBatch(long stripe, int place) => _stripes.SetOwed(stripe, -1L - place);

    /// <summary>The place whose batch a stripe owes; -1 when it owes something else or nothing.</summary>
    public int OwedBatchOf(long stripe) => _stripes.OwedOf(stripe) is var owed && owed is < NothingOwed and >= -WriterSlots.SlotCount ? (int)(-1 - owed) : -1;

    /// <summary>Tells the feed how the keys of a batch really are that lie in a stripe; everything there, if the batch is not to be
    /// had.</summary>
    public void SettleBatch(long stripe, BatchLog<TKey, TValue>? log, ChangeFeed<TKey, TValue> feed)
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
                TellTruth(key, feed);
            }
        }

        ForgetOwed(stripe);
        GC.KeepAlive(log);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Makes a batch, of which a part may be made already. Nobody else may change its stripes. Killed over it, all of it is done again: the
    /// stripes are made whole first, so that nothing is counted twice.
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
