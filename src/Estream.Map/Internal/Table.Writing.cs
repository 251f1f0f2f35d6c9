using Estream.Core;

namespace Estream.Map.Internal;

// What the one writer does. It reads its own stores, so it needs no barriers for its reads; those it has are for the readers, and the
// order of its stores is at the same time the crash story: a kill leaves exactly the stores before some instruction.
internal sealed partial class Table<TKey, TValue>
{
    private const long NoBucket = -1;

    /// <summary>Finds a key; the writer alone may call it.</summary>
    /// <returns>Whether it is there, with its bucket and slot.</returns>
    public bool TryLocate(ref readonly TKey key, out long bucket, out int slot)
    {
        bucket = HomeOf(in key);
        for (long visited = 0; visited <= _mask; visited++)
        {
            RegionBlock block = BlockAt(bucket);
            long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
            slot = SlotSearch<TKey, TValue>.Find(block, control, in key);
            if (slot >= 0)
            {
                return true;
            }

            if (!ControlWord.IsPassed(control))
            {
                break;
            }

            bucket = (bucket + 1) & _mask;
        }

        slot = -1;
        bucket = NoBucket;
        return false;
    }

    /// <summary>The value in a slot; the writer alone may look at it, since nobody else changes it.</summary>
    public ref readonly TValue ValueAt(long bucket, int slot) =>
        ref BlockAt(bucket).ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot));

    public void Overwrite(long bucket, int slot, ref readonly TValue value)
    {
        RegionBlock block = BlockAt(bucket);
        int offset = SlotLayout<TKey, TValue>.ValueAt(slot);
        if (SlotLayout<TKey, TValue>.IsValueAtomic)
        {
            // One store: a reader gets the old value or the new, and so does whoever comes after a kill.
            block.WriteAtomic(offset, value);
            return;
        }

        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        if (ControlWord.IsBusy(control))
        {
            ThrowHelper.BusyWithoutJournal(Path, bucket, OffsetOf(bucket));
        }

        long busy = ControlWord.BeginValue(control);
        ref TValue stored = ref block.At<TValue>(offset);
        _journal.BeginValue(bucket, slot, busy, in stored);

        // Release: the journal is complete before the word becomes busy.
        block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, busy);

        // The busy word is stored before any byte of the value: a reader that copied a new byte sees that the word has changed.
        Volatile.WriteBarrier();
        stored = value;

        // Release: the whole value is stored before the word that ends the replacement.
        block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(busy));
    }

    /// <summary>Adds a key that is known to be absent. The table must have room, which the entry limit sees to.</summary>
    public void Insert(ref readonly TKey key, ref readonly TValue value)
    {
        long home = HomeOf(in key);
        long target = FindRoom(home, out int slot);
        RegionBlock block = BlockAt(target);
        long after = ControlWord.Take(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot);
        long count = _header.ReadInt64(TableLayout.Count);
        _journal.BeginCount(target, after, count, count + 1);

        // First the signposts, then what they lead to: a reader that starts after the entry is there finds all of them. A kill in between
        // leaves signposts that lead to nothing, which costs a search one bucket more until the next growth.
        for (long bucket = home; bucket != target; bucket = (bucket + 1) & _mask)
        {
            Signpost(bucket, isAdded: true);
        }

        Fill(block, slot, after, in key, in value);
        _header.WriteInt64Release(TableLayout.Count, count + 1);
    }

    /// <summary>Adds an entry to a table that nobody else sees yet: no journal, and the caller sets the count at the end.</summary>
    public void InsertUnpublished(ref readonly TKey key, ref readonly TValue value)
    {
        long home = HomeOf(in key);
        long target = FindRoom(home, out int slot);
        for (long bucket = home; bucket != target; bucket = (bucket + 1) & _mask)
        {
            Signpost(bucket, isAdded: true);
        }

        RegionBlock block = BlockAt(target);
        long after = ControlWord.Take(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot);
        Fill(block, slot, after, in key, in value);
    }

    public void SetCount(long count) => _header.WriteInt64Release(TableLayout.Count, count);

    public void Remove(ref readonly TKey key, long bucket, int slot)
    {
        long home = HomeOf(in key);
        RegionBlock block = BlockAt(bucket);
        long after = ControlWord.Free(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot);
        long count = _header.ReadInt64(TableLayout.Count);
        _journal.BeginCount(bucket, after, count, count - 1);
        block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, after);
        _header.WriteInt64Release(TableLayout.Count, count - 1);
        for (long passed = home; passed != bucket; passed = (passed + 1) & _mask)
        {
            Signpost(passed, isAdded: false);
        }
    }

    /// <summary>Copies every entry into a table of the same map that nobody else sees yet.</summary>
    public void CopyTo(Table<TKey, TValue> target)
    {
        long copied = 0;
        for (long bucket = 0; bucket < _buckets.Count; bucket++)
        {
            RegionBlock block = BlockAt(bucket);
            uint taken = (uint)block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset) & SlotLayout<TKey, TValue>.TakenMask;
            for (; taken != 0; taken &= taken - 1)
            {
                int slot = ControlWord.SlotOf(taken);
                target.InsertUnpublished(
                    in block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)),
                    in block.ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot)));
                copied++;
            }
        }

        target.SetCount(copied);
    }

    private static void Fill(RegionBlock block, int slot, long controlAfter, ref readonly TKey key, ref readonly TValue value)
    {
        // The store that freed this slot earlier comes before these: a reader that still copies the old entry and gets new bytes sees that
        // the word has changed.
        Volatile.WriteBarrier();
        block.At<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)) = key;
        block.At<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot)) = value;

        // Release: key and value are stored before the word that shows them.
        block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, controlAfter);
    }

    private long FindRoom(long home, out int slot)
    {
        long bucket = home;
        for (long visited = 0; visited <= _mask; visited++)
        {
            long control = BlockAt(bucket).ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
            slot = ControlWord.FirstFree(control);
            if (slot < SlotLayout<TKey, TValue>.SlotsPerBucket)
            {
                return bucket;
            }

            bucket = (bucket + 1) & _mask;
        }

        throw new EstreamCorruptionException(
            $"Every slot of '{Path}' is taken although it counts {Count} of {EntryLimit} entries. It was damaged; restore the map from a copy, "
            + "or delete its directory and rebuild it from its queue.",
            Path,
            TableLayout.Count);
    }

    private void Signpost(long bucket, bool isAdded)
    {
        RegionBlock block = BlockAt(bucket);
        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        block.WriteInt64Release(
            SlotLayout<TKey, TValue>.ControlOffset,
            isAdded ? ControlWord.AddPassed(control) : ControlWord.RemovePassed(control));
    }
}
