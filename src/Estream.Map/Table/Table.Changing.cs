using Estream.Core;

namespace Estream.Map.Internal;

// How an entry is changed by who has to look at it first. The one writer's changes are journaled, since it counts; those of one of several
// need no journal but the value's, since a dead one's stripe is counted anew.
internal sealed partial class Table<TKey, TValue>
{
    /// <summary>How many buckets are looked at together for entries that have to go: they lie in one stripe.</summary>
    public const int BucketsPerRun = MapFormat.MinStripeBuckets;

    public EntryPlace Locate(ref readonly TKey key)
    {
        long home = HomeOf(in key);
        bool isThere = TryLocate(home, in key, out long bucket, out int slot);
        return new EntryPlace(home, StripeOfBucket(home), isThere, bucket, slot);
    }

    /// <summary>Does what was decided. There must be room.</summary>
    /// <returns>How many entries more there are: 1, 0 or -1.</returns>
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

    /// <summary>Finds the next entry in a bucket that has to go; for its writer.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="slot">The first slot to look at; then that of the entry.</param>
    /// <param name="test">Says whether one has to go.</param>
    /// <param name="key">Its key.</param>
    /// <param name="place">Its place.</param>
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
