using Estream.Core;

namespace Estream.Map.Internal;

// What the next writer does first. Killed itself, it starts over: every step can be repeated.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>
    /// After a power cut, which may have lost heads and kept buckets or the other way round: counts every stripe anew. A bucket that is
    /// still busy had its journal lost. Which of its values was being replaced is not known, and it was not flushed; the others are good.
    /// An entry where no search gets to is freed: pages of different moments may have a key in two places. Passed counts are made to agree
    /// with what is there: one may know of a removal that another bucket has lost, and with the next one would hide what lies behind it.
    /// </summary>
    public void Recount()
    {
        int[] passed = new int[Plan.StripeBuckets];
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            FreeOrphans(stripe);
            RecountOverflow(stripe, passed);
            RecountStripe(stripe, endsBusy: true);
        }
    }

    /// <summary>
    /// Takes back half-written values, makes the counts agree with the last entry that came or went, and opens the locks that the dead of
    /// several writers left. The caller is alone.
    /// </summary>
    public void Recover()
    {
        for (long journal = 0; journal < _journals.Count; journal++)
        {
            Recover(_journals.Of(journal), journal);
        }

        for (long stripe = 0; stripe < StripeCount && _stripes.HasHeads; stripe++)
        {
            if (LockOwnerOf(stripe) != OwnerWord.Nobody)
            {
                RecountStripe(stripe, endsBusy: false);
                Unlock(stripe);
            }
        }
    }

    /// <summary>
    /// Makes a stripe whole whose owner died: the caller has its lock. A half-written value is put back, under the eyes of readers, who
    /// take the old one from the journal until it is; an entry that was being added or removed is there or not, and the stripe is counted
    /// anew.
    /// </summary>
    public void RepairStripe(long stripe)
    {
        if (HasJournalPerStripe)
        {
            Recover(_journals.Of(stripe), stripe);
        }

        RecountStripe(stripe, endsBusy: false);
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Says that the journals describe nothing any more: several writers use them otherwise than one does, who counts by them. The caller
    /// is alone.
    /// </summary>
    public void ForgetJournals()
    {
        for (long journal = 0; journal < _journals.Count; journal++)
        {
            _journals.Of(journal).Forget();
        }
    }

    // What was flushed and not touched since is found where it lies: its own passed counts were flushed with it, and only its own removal
    // takes them back.
    private void FreeOrphans(long stripe) => ForEachEntry(stripe, (bucket, slot) =>
    {
        if (!IsFoundAt(stripe, bucket, slot))
        {
            RegionBlock block = BlockAt(bucket);
            block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset,
                ControlWord.Free(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot));
        }
    });

    // Every entry is found by the counts of before, and by those that are written here: so it is at any moment in between.
    private void RecountOverflow(long stripe, int[] passed)
    {
        Array.Clear(passed);
        long first = FirstBucketOf(stripe);
        ForEachEntry(stripe, (place, slot) =>
        {
            long home = HomeOf(in BlockAt(place).ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)));
            for (long bucket = home; bucket != place; bucket = NextBucket(bucket))
            {
                passed[bucket - first]++;
            }
        });
        for (long bucket = first; bucket < FirstBucketOf(stripe + 1); bucket++)
        {
            RegionBlock block = BlockAt(bucket);
            block.WriteInt64Release(
                SlotLayout<TKey, TValue>.ControlOffset,
                ControlWord.WithOverflow(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), passed[bucket - first]));
        }
    }

    private void ForEachEntry(long stripe, Action<long, int> action)
    {
        for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
        {
            uint taken = (uint)BlockAt(bucket).ReadInt64(SlotLayout<TKey, TValue>.ControlOffset) & SlotLayout<TKey, TValue>.TakenMask;
            for (; taken != 0; taken &= taken - 1)
            {
                action(bucket, ControlWord.SlotOf(taken));
            }
        }
    }

    private bool IsFoundAt(long stripe, long bucket, int slot)
    {
        ref readonly TKey key = ref BlockAt(bucket).ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot));
        long home = HomeOf(in key);
        return StripeOfBucket(home) == stripe && TryLocate(home, in key, out long foundBucket, out int foundSlot) && foundBucket == bucket
            && foundSlot == slot;
    }

    private void RecountStripe(long stripe, bool endsBusy)
    {
        long entries = 0;
        for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
        {
            RegionBlock block = BlockAt(bucket);
            long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
            entries += uint.PopCount((uint)control & SlotLayout<TKey, TValue>.TakenMask);
            if (endsBusy && ControlWord.IsBusy(control))
            {
                block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(control));
            }
        }

        _stripes.SetEntries(stripe, entries);
    }

    private void Recover(UndoJournal journal, long number)
    {
        JournalHead head = journal.ReadForRecovery();
        if (head.Kind == JournalKind.None)
        {
            return;
        }

        bool isPossible = (ulong)head.Bucket < (ulong)_buckets.Count
            && (uint)head.Slot < (uint)SlotLayout<TKey, TValue>.SlotsPerBucket
            && head.Kind is JournalKind.Value or JournalKind.Count
            && (_journals.Count == 1 || StripeOfBucket(head.Bucket) == number)
            && head.CountBefore >= 0 && head.CountAfter >= 0;
        if (!isPossible)
        {
            throw new EstreamCorruptionException(
                $"The undo journal of '{Path}' names bucket {head.Bucket}, slot {head.Slot}, which the table does not have. The file was "
                + "damaged; "
                + "restore the map from a copy, or delete its directory and rebuild it from its queue.",
                Path,
                TableLayout.JournalStart + (number * TableLayout.JournalStride(SlotLayout<TKey, TValue>.ValueBytes)));
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
            block.At<TValue>(SlotLayout<TKey, TValue>.ValueAt(head.Slot)) = journal.OldValue<TValue>();
            block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(control));
        }
    }
}
