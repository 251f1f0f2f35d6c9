using Estream.Core;

namespace Estream.Map.Internal;

// Recovery by the next writer. If it crashes too, its successor starts over: every step can be repeated.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>
    /// Repairs the table after a power cut, which may have lost stripe heads and kept buckets, or the reverse. Frees entries that no
    /// search finds, because pages of different moments may have a key in two slots. Recomputes the overflow counts: a count may include
    /// a removal that another bucket has lost, and after the next removal would hide later entries. Recounts every stripe, and ends the
    /// busy state of its buckets: their journal is lost, so it is unknown which value was being replaced. That value was not flushed; the
    /// others are valid.
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
    /// Rolls back half-written values, corrects the counts for the last entry that was added or removed, and releases the locks that dead
    /// writers left. The caller has exclusive access.
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
    /// Repairs a stripe whose owner died. The caller holds its lock. Restores a half-written value; until that is done, readers take the
    /// old value from the journal. An entry that was being added or removed is present or absent, and the stripe is recounted.
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
    /// Makes all journals describe nothing. Several writers use them differently from a single writer, which corrects its counts by them.
    /// The caller has exclusive access.
    /// </summary>
    public void ForgetJournals()
    {
        for (long journal = 0; journal < _journals.Count; journal++)
        {
            _journals.Of(journal).Forget();
        }
    }

    // A search finds every entry that was flushed and not changed since: its own overflow counts were flushed with it, and only its own
    // removal decrements them.
    private void FreeOrphans(long stripe) => ForEachEntry(stripe, (bucket, slot) =>
    {
        if (!IsFoundAt(stripe, bucket, slot))
        {
            RegionBlock block = BlockAt(bucket);
            block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset,
                ControlWord.Free(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot));
        }
    });

    // A search finds every entry with the old counts and with the new ones, and therefore at any moment in between.
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
            // The store of the control word is the operation: if it happened, the entry was added or removed; otherwise nothing changed.
            _stripes.SetEntries(StripeOfBucket(head.Bucket), control == head.Control ? head.CountAfter : head.CountBefore);
        }
        else if (control == head.Control)
        {
            // Readers use the journal until the word changes, so they never see the value while it is restored.
            block.At<TValue>(SlotLayout<TKey, TValue>.ValueAt(head.Slot)) = journal.OldValue<TValue>();
            block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(control));
        }
    }
}
