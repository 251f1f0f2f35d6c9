using System.Runtime.CompilerServices;
using Estream.Core;

namespace Estream.Map.Internal;

// Reads by any thread of any process, concurrently with a writer. Nothing here writes to the region or waits for the writer.
//
// The pattern at each bucket is that of a sequence lock, with two differences: the control word also carries which slots are taken, and a
// busy word does not make the reader wait. (1) The control word is loaded with acquire: no key or value is read before it. (2) Keys and
// value are copied. (3) A read barrier: they are all read before the next load. (4) The control word is loaded again; if it is the same,
// nothing the reader relied on changed between (1) and (4), because every store of the word has a new version and the writer orders its
// stores to the slots between two of them.
internal sealed partial class Table<TKey, TValue>
{
    private const int SpinsBeforeYield = 10;

    /// <summary>Looks a key up in its home bucket and the following ones.</summary>
    public bool TryGet(ref readonly TKey key, out TValue value) => TryGetFurther(in key, HomeOf(in key), out value);

    /// <summary>Looks a key up in its home bucket only. Nearly every key is there, and nearly every get meets no writer there. Fewer
    /// instructions keep more gets in flight, which determines the speed of maps larger than the caches.</summary>
    /// <returns>Whether the key was found and copied. If not, <see cref="TryGet"/> has the answer.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetAtHome(long home, ref readonly TKey key, out TValue value)
    {
        RegionBlock block = BlockAt(home);
        long control = block.ReadInt64Acquire(SlotLayout<TKey, TValue>.ControlOffset);
        if (SlotSearch<TKey, TValue>.IsEightWords)
        {
            uint hits = SlotSearch<TKey, TValue>.HitsAmongWords(block, control, in key);
            if (hits == 0)
            {
                value = default;
                return false;
            }

            // The hit is the number of the key's word, and the value is the next one.
            value = block.ReadWord<TValue>(uint.TrailingZeroCount(hits) + 1);
            if (!IsUnchanged(block, control))
            {
                return false;
            }

            GC.KeepAlive(this);
            return true;
        }

        int slot = SlotSearch<TKey, TValue>.Find(block, control, in key);
        if (slot < 0)
        {
            value = default;
            return false;
        }

        bool isCopied = TryCopyValue(block, home, slot, control, out value);
        GC.KeepAlive(this);
        return isCopied;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetFurther(ref readonly TKey key, long bucket, out TValue value)
    {
        long visited = 0;
        int retries = 0;
        while (true)
        {
            RegionBlock block = BlockAt(bucket);
            long control = block.ReadInt64Acquire(SlotLayout<TKey, TValue>.ControlOffset);
            int slot = SlotSearch<TKey, TValue>.Find(block, control, in key);
            if (slot >= 0)
            {
                if (TryCopyValue(block, bucket, slot, control, out value))
                {
                    GC.KeepAlive(this);
                    return true;
                }
            }
            else if (IsUnchanged(block, control))
            {
                // Counts the buckets visited, so that the search ends after the last one even if overflow counts are damaged.
                if (!ControlWord.HasOverflow(control) || ++visited > _stripeMask)
                {
                    value = default;
                    GC.KeepAlive(this);
                    return false;
                }

                bucket = NextBucket(bucket);
                continue;
            }

            Pause(ref retries);
        }
    }

    /// <summary>Copies one slot, if it is taken, for an enumeration.</summary>
    public bool TryReadSlot(long bucket, int slot, out TKey key, out TValue value)
    {
        RegionBlock block = BlockAt(bucket);
        int retries = 0;
        while (true)
        {
            long control = block.ReadInt64Acquire(SlotLayout<TKey, TValue>.ControlOffset);
            if (!ControlWord.IsTaken(control, slot))
            {
                key = default;
                value = default;
                GC.KeepAlive(this);
                return false;
            }

            key = block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot));
            if (TryCopyValue(block, bucket, slot, control, out value))
            {
                GC.KeepAlive(this);
                return true;
            }

            Pause(ref retries);
        }
    }

    /// <summary>The entry at a slot number (see <see cref="PlaceOf"/>) of a table that no longer changes.</summary>
    public KeyValuePair<TKey, TValue> EntryAt(long place)
    {
        (long bucket, long slot) = Math.DivRem(place, SlotLayout<TKey, TValue>.SlotsPerBucket);
        TryReadSlot(bucket, (int)slot, out TKey key, out TValue value);
        return new KeyValuePair<TKey, TValue>(key, value);
    }

    /// <summary>Prefetches the bucket of a slot number that will be read soon.</summary>
    public void PrefetchPlace(long place) => Prefetch(place / SlotLayout<TKey, TValue>.SlotsPerBucket);

    /// <summary>The number of a slot within the table.</summary>
    public static long PlaceOf(long bucket, int slot) => (bucket * SlotLayout<TKey, TValue>.SlotsPerBucket) + slot;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryCopyValue(RegionBlock block, long bucket, int slot, long control, out TValue value)
    {
        int offset = SlotLayout<TKey, TValue>.ValueAt(slot);
        if (SlotLayout<TKey, TValue>.IsValueAtomic)
        {
            value = block.ReadAtomic<TValue>(offset);
        }
        else if (ControlWord.IsBusy(control))
        {
            return TryCopyBusyValue(block, bucket, slot, control, out value);
        }
        else
        {
            value = block.ReadOnlyAt<TValue>(offset);
        }

        return IsUnchanged(block, control);
    }

    // A value of this bucket is being replaced, by a writer that is active, waits for a processor, or is dead; this makes no difference.
    // The journal was complete before the word became busy and is not changed before the word changes again (UndoJournal.Reopen). While
    // the word is unchanged, the old value in the journal is therefore the current one.
    private bool TryCopyBusyValue(RegionBlock block, long bucket, int slot, long control, out TValue value)
    {
        JournalAnswer answer = _journals.Of(StripeOfBucket(bucket)).ReadOldValue(bucket, slot, control, out value);
        if (answer == JournalAnswer.OldValue)
        {
            return true;
        }

        if (answer == JournalAnswer.OtherSlot)
        {
            value = block.ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot));
            return IsUnchanged(block, control);
        }

        if (IsUnchanged(block, control))
        {
            ThrowHelper.BusyWithoutJournal(Path, bucket, OffsetOf(bucket));
        }

        return false;
    }

    // The barrier orders the copies before it against the second load of the control word.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsUnchanged(RegionBlock block, long control)
    {
        Volatile.ReadBarrier();
        return block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset) == control;
    }

    // Each iteration of a reader's loop means that the writer has completed another change of this bucket meanwhile, so the loop ends
    // when that writer does anything else. Yielding makes that happen sooner.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Pause(ref int retries)
    {
        if (retries < SpinsBeforeYield)
        {
            Thread.SpinWait(1 << retries++);
        }
        else
        {
            Thread.Yield();
        }
    }
}
