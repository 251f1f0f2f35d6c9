using Estream.Core;

namespace Estream.Map.Internal;

// The feed intents of a map with a change feed. An event is appended before its change is applied, so a writer that dies in between leaves
// an event without its change. Therefore the stripe's head first names the slot, which has the key of the old or the new entry. The next
// writer appends the actual state of that key. See docs/formats/map.md.
internal sealed partial class Table<TKey, TValue>
{
    private const long NoIntent = 0;
    private const long IntentOfAll = 1;
    private const int IntentSlotBits = 8;

    public bool HasFeedIntent(long stripe) => _stripes.FeedIntentOf(stripe) != NoIntent;

    /// <summary>Writes a new key to a free slot, where no reader sees it yet. Inserting the key takes the same slot.</summary>
    public EntryPlace Reserve(in EntryPlace place, ref readonly TKey key)
    {
        long bucket = FindRoom(place.Home, out int slot);

        // As for an insert: a reader that still copies the slot's former entry and gets one of these bytes sees that the control word has
        // changed.
        Volatile.WriteBarrier();
        BlockAt(bucket).At<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)) = key;
        return place with { Bucket = bucket, Slot = slot };
    }

    /// <summary>Notes that the feed may get an event of this slot's key without its change being applied.</summary>
    public void SetFeedIntent(in EntryPlace place) =>
        _stripes.SetFeedIntent(place.Stripe, ((place.Bucket + 1) << IntentSlotBits) | (uint)place.Slot);

    /// <summary>Notes that the feed may get an event of any key without its change being applied.</summary>
    public void SetFeedIntentOfAll()
    {
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            _stripes.SetFeedIntent(stripe, IntentOfAll);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Notes that the feed and the stripe agree.</summary>
    public void ClearFeedIntent(long stripe) => _stripes.SetFeedIntent(stripe, NoIntent);

    /// <summary>Publishes the actual state of the key that the intent names. The caller has the exclusive right to change the
    /// stripe.</summary>
    public void ResolveFeedIntent(long stripe, ChangeFeed<TKey, TValue> feed)
    {
        long intent = _stripes.FeedIntentOf(stripe);
        long bucket = (intent >> IntentSlotBits) - 1;
        int slot = (int)(intent & ((1 << IntentSlotBits) - 1));
        if (intent == IntentOfAll)
        {
            PutAll(stripe, feed);
        }
        else if (bucket >= FirstBucketOf(stripe) && bucket < FirstBucketOf(stripe + 1) && slot < SlotLayout<TKey, TValue>.SlotsPerBucket)
        {
            // After a power cut the slot may have another key. Publishing the actual state of that key is correct as well.
            PublishCurrent(BlockAt(bucket).ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)), feed);
        }

        ClearFeedIntent(stripe);
        GC.KeepAlive(this);
    }

    private void PublishCurrent(TKey key, ChangeFeed<TKey, TValue> feed)
    {
        EntryPlace place = Locate(in key);
        if (place.IsThere)
        {
            feed.Put(in key, in ValueAt(place.Bucket, place.Slot));
        }
        else
        {
            feed.Remove(in key, MapChangeKind.Remove);
        }
    }

    private void PutAll(long stripe, ChangeFeed<TKey, TValue> feed)
    {
        for (long bucket = FirstBucketOf(stripe); bucket < FirstBucketOf(stripe + 1); bucket++)
        {
            RegionBlock block = BlockAt(bucket);
            uint taken = (uint)block.ReadInt64(SlotLayout<TKey, TValue>.ControlOffset) & SlotLayout<TKey, TValue>.TakenMask;
            for (; taken != 0; taken &= taken - 1)
            {
                int slot = ControlWord.SlotOf(taken);
                ref readonly TValue value = ref block.ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot));
                feed.Put(in block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)), in value);
            }
        }
    }
}
