using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

// Writes by the one writer that may change a stripe at that time. It reads its own stores, so its loads need no barriers; the barriers
// here are for readers. The order of its stores also determines the state after a crash, which leaves exactly the stores before some
// instruction.
internal sealed partial class Table<TKey, TValue>
{
    private const long NoBucket = -1;

    /// <summary>Finds a key. Only the writer may call this.</summary>
    /// <returns>Whether the key is present, with its bucket and slot.</returns>
    public bool TryLocate(long home, ref readonly TKey key, out long bucket, out int slot)
    {
        bucket = home;
        for (long visited = 0; visited <= _stripeMask; visited++)
        {
            RegionBlock block = BlockAt(bucket);
            long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
            slot = SlotSearch<TKey, TValue>.Find(block, control, in key);
            if (slot >= 0)
            {
                return true;
            }

            if (!ControlWord.HasOverflow(control))
            {
                break;
            }

            bucket = NextBucket(bucket);
        }

        slot = -1;
        bucket = NoBucket;
        return false;
    }

    /// <summary>Replaces the value of a key in its home bucket, where nearly every key is. Requires <see cref="SlotSearch{TKey,
    /// TValue}.IsEightWords"/>. Fewer instructions keep more of them in flight, which determines the speed of maps larger than the
    /// caches.</summary>
    /// <returns>Whether the key was there; otherwise nothing changed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryOverwriteAtHome(long home, ref readonly TKey key, ref readonly TValue value)
    {
        RegionBlock block = BlockAt(home);
        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        uint hits = SlotSearch<TKey, TValue>.HitsAmongWords(block, control, in key);
        if (hits == 0)
        {
            return false;
        }

        // One store, as in Overwrite. The hit is the number of the key's word, and the value is the next one.
        block.WriteWord(uint.TrailingZeroCount(hits) + 1, value);
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>The value in a slot. Only the writer may call this, because no other process changes the value meanwhile.</summary>
    public ref readonly TValue ValueAt(long bucket, int slot) =>
        ref BlockAt(bucket).ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Overwrite(long bucket, int slot, ref readonly TValue value)
    {
        if (SlotLayout<TKey, TValue>.IsValueAtomic)
        {
            // One store: a reader, or the next writer after a crash, gets the old value or the new one.
            BlockAt(bucket).WriteAtomic(SlotLayout<TKey, TValue>.ValueAt(slot), value);
        }
        else
        {
            OverwriteWithJournal(bucket, slot, in value);
        }
    }

    private void OverwriteWithJournal(long bucket, int slot, ref readonly TValue value)
    {
        RegionBlock block = BlockAt(bucket);
        int offset = SlotLayout<TKey, TValue>.ValueAt(slot);
        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        if (ControlWord.IsBusy(control))
        {
            ThrowHelper.BusyWithoutJournal(Path, bucket, OffsetOf(bucket));
        }

        long busy = ControlWord.BeginValue(control);
        ref TValue stored = ref block.At<TValue>(offset);
        _journals.Of(StripeOfBucket(bucket)).BeginValue(bucket, slot, busy, in stored);

        // Release: the journal is complete before the word becomes busy.
        block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, busy);

        // The busy word is stored before any byte of the value: a reader that copied a new byte sees that the word has changed.
        Volatile.WriteBarrier();
        stored = value;

        // Release: the whole value is stored before the word that ends the replacement.
        block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, ControlWord.EndValue(busy));
    }

    /// <summary>Whether the stripe of a bucket has no free slot, which sometimes happens before the table as a whole is full.</summary>
    public bool IsFull(long home) =>
        _stripes.EntriesOf(StripeOfBucket(home)) >= Plan.StripeBuckets * SlotLayout<TKey, TValue>.SlotsPerBucket;

    /// <summary>Adds a key that is known to be absent. Its stripe must have room.</summary>
    public void Insert(long home, ref readonly TKey key, ref readonly TValue value)
    {
        long target = FindRoom(home, out int slot);
        long after = ControlWord.Take(BlockAt(target).ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot);
        long stripe = StripeOfBucket(home);
        long count = _stripes.EntriesOf(stripe);
        _journals.Of(stripe).BeginCount(target, after, count, count + 1);
        Place(home, target, slot, in key, in value);
    }

    /// <summary>
    /// As <see cref="Insert"/>, without journaling: in a table that no reader uses yet, which is cleared after a crash, or in a stripe
    /// that is recounted after a crash.
    /// </summary>
    public void InsertUnjournaled(long home, ref readonly TKey key, ref readonly TValue value)
    {
        long target = FindRoom(home, out int slot);
        Place(home, target, slot, in key, in value);
    }

    public void Remove(long home, long bucket, int slot)
    {
        RegionBlock block = BlockAt(bucket);
        long after = ControlWord.Free(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot);
        long stripe = StripeOfBucket(home);
        long count = _stripes.EntriesOf(stripe);
        _journals.Of(stripe).BeginCount(bucket, after, count, count - 1);
        RemoveUnjournaled(home, bucket, slot);
    }

    /// <summary>As <see cref="Remove"/>, without journaling: a stripe is recounted after a crash.</summary>
    public void RemoveUnjournaled(long home, long bucket, int slot)
    {
        RegionBlock block = BlockAt(bucket);
        long after = ControlWord.Free(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot);
        long stripe = StripeOfBucket(home);
        long count = _stripes.EntriesOf(stripe);
        block.WriteInt64Release(SlotLayout<TKey, TValue>.ControlOffset, after);
        _stripes.SetEntries(stripe, count - 1);
        for (long passed = home; passed != bucket; passed = NextBucket(passed))
        {
            Signpost(passed, isAdded: false);
        }
    }

    // The overflow counts first, then the entry: a reader that starts after the entry is visible sees all counts. A crash in between
    // leaves counts without an entry, which cost a search one more bucket until the next growth.
    private void Place(long home, long target, int slot, ref readonly TKey key, ref readonly TValue value)
    {
        for (long bucket = home; bucket != target; bucket = NextBucket(bucket))
        {
            Signpost(bucket, isAdded: true);
        }

        RegionBlock block = BlockAt(target);
        Fill(block, slot, ControlWord.Take(block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset), slot), in key, in value);
        long stripe = StripeOfBucket(home);
        _stripes.SetEntries(stripe, _stripes.EntriesOf(stripe) + 1);
    }

    private static void Fill(RegionBlock block, int slot, long controlAfter, ref readonly TKey key, ref readonly TValue value)
    {
        // The store that freed this slot earlier precedes these: a reader that still copies the old entry and gets new bytes sees that
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
        for (long visited = 0; visited <= _stripeMask; visited++)
        {
            long control = BlockAt(bucket).ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
            slot = ControlWord.FirstFree(control);
            if (slot < SlotLayout<TKey, TValue>.SlotsPerBucket)
            {
                return bucket;
            }

            bucket = NextBucket(bucket);
        }

        throw new EstreamCorruptionException(
            $"All slots of a stripe of '{Path}' are taken, but its head counts fewer entries. It was damaged; restore the map from a copy, "
            + "or delete its directory and rebuild it from its queue.",
            Path,
            OffsetOf(home));
    }

    private void Signpost(long bucket, bool isAdded)
    {
        RegionBlock block = BlockAt(bucket);
        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        block.WriteInt64Release(
            SlotLayout<TKey, TValue>.ControlOffset,
            isAdded ? ControlWord.AddOverflow(control) : ControlWord.RemoveOverflow(control));
    }
}
