using Estream.Core;

namespace Estream.Map.Internal;

// Changes an entry that the caller has looked up. A single writer journals every change, because the count is corrected from the journal
// after a crash. One of several writers journals only replaced values, because the stripe of a dead writer is recounted.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>The number of buckets that are searched together for entries to remove. They are in one stripe.</summary>
    public const int BucketsPerRun = MapFormat.MinStripeBuckets;

    public EntryPlace Locate(ref readonly TKey key)
    {
        long home = HomeOf(in key);
        bool isThere = TryLocate(home, in key, out long bucket, out int slot);
        return new EntryPlace(home, StripeOfBucket(home), isThere, bucket, slot);
    }

    /// <summary>Applies an outcome to an entry. There must be room for a new entry.</summary>
    /// <returns>The change of the number of entries: 1, 0 or -1.</returns>
    public int Change(in EntryPlace place, ref readonly TKey key, EntryOutcome outcome, ref readonly TValue value, bool isJournaled)
    {
        switch (outcome)
        {
            case EntryOutcome.Put when place.IsThere:
                Overwrite(place.Bucket, place.Slot, in value);
                return 0;
            case EntryOutcome.Put when isJournaled:
                Insert(place.Home, in key, in value);
                return 1;
            case EntryOutcome.Put:
                InsertUnjournaled(place.Home, in key, in value);
                return 1;
            case EntryOutcome.Remove or EntryOutcome.Expire when isJournaled:
                Remove(place.Home, place.Bucket, place.Slot);
                return -1;
            case EntryOutcome.Remove or EntryOutcome.Expire:
                RemoveUnjournaled(place.Home, place.Bucket, place.Slot);
                return -1;
            default:
                return 0;
        }
    }

    /// <summary>Finds the next entry of a bucket that must be removed. Only the writer of the bucket may call this.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="slot">The first slot to examine; receives the slot of the entry.</param>
    /// <param name="test">Tests whether an entry must be removed.</param>
    /// <param name="key">Receives the key of the entry.</param>
    /// <param name="place">Receives the location of the entry.</param>
    public bool TryFind<TTest>(long bucket, ref int slot, ref TTest test, out TKey key, out EntryPlace place)
        where TTest : struct, IEntryTest<TValue>
    {
        RegionBlock block = BlockAt(bucket);
        long control = block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset);
        for (; slot < SlotLayout<TKey, TValue>.SlotsPerBucket; slot++)
        {
            if (ControlWord.IsTaken(control, slot) && test.IsOver(in block.ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot))))
            {
                key = block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot));
                place = new EntryPlace(HomeOf(in key), StripeOfBucket(bucket), IsThere: true, bucket, slot);
                return true;
            }
        }

        (key, place) = (default, default);
        return false;
    }
}
