using Estream.Core;

namespace Estream.Map.Internal;

// What the next writer does first. Killed itself, it starts over: every step can be repeated.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>
    /// After a power cut, which may have lost heads and kept buckets or the other way round: counts every stripe anew. A bucket that is still
    /// busy had its journal lost. Which of its values was being replaced is not known, and it was not flushed; the others are good.
    /// </summary>
    public void Recount()
    {
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            long entries = 0;
            for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
            {
                RegionBlock block = BlockAt(bucket);
                long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
                entries += uint.PopCount((uint)control & SlotLayout<TKey, TValue>.TakenMask);
                if (ControlWord.IsBusy(control))
                {
                    block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(control));
                }
            }

            _stripes.SetEntries(stripe, entries);
        }
    }

    /// <summary>Takes back a half-written value and makes the count agree with the last entry that came or went.</summary>
    public void Recover()
    {
        JournalHead head = _journal.ReadForRecovery();
        if (head.Kind == JournalKind.None)
        {
            return;
        }

        bool isPossible = (ulong)head.Bucket < (ulong)_buckets.Count
            && (uint)head.Slot < (uint)SlotLayout<TKey, TValue>.SlotsPerBucket
            && head.Kind is JournalKind.Value or JournalKind.Count
            && head.CountBefore >= 0 && head.CountAfter >= 0;
        if (!isPossible)
        {
            throw new EstreamCorruptionException(
                $"The undo journal of '{Path}' names bucket {head.Bucket}, slot {head.Slot}, which the table does not have. The file was damaged; "
                + "restore the map from a copy, or delete its directory and rebuild it from its queue.",
                Path,
                TableLayout.JournalStart);
        }

        RegionBlock block = BlockAt(head.Bucket);
        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        if (head.Kind == JournalKind.Count)
        {
            // The control word is the operation: if it was stored the entry came or went, if not nothing did.
            _stripes.SetEntries(StripeOfBucket(head.Bucket), control == head.Control ? head.CountAfter : head.CountBefore);
        }
        else if (control == head.Control)
        {
            // Readers keep to the journal until the word changes, so they never see the value while it is put back.
            block.At<TValue>(SlotLayout<TKey, TValue>.ValueAt(head.Slot)) = _journal.OldValue<TValue>();
            block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(control));
        }
    }
}
