using Estream.Core;

namespace Estream.Map.Internal;

// What a map with a change feed owes to it. An event is appended before its change is made, so a writer that dies in between leaves the one
// without the other. Therefore the stripe's head first says which slot it is about; who finds that later appends how the entry really is.
// The slot has the key in any case: that of the entry that is there, was there, or was going to be. See docs/formats/map.md.
internal sealed partial class Table<TKey, TValue>
{
    private const long NothingOwed = 0;
    private const long EverythingOwed = 1;
    private const int OwedSlotBits = 8;

    public bool Owes(long stripe) => _stripes.OwedOf(stripe) != NothingOwed;

    /// <summary>Finds room for a key that is not there and writes it there, where nobody sees it yet. Adding it takes the same
    /// room.</summary>
    public EntryPlace Reserve(in EntryPlace place, ref readonly TKey key)
    {
        long bucket = FindRoom(place.Home, out int slot);

        // As for an entry that is added: whoever still copies the slot's former entry and gets one of these bytes sees that the word has
        // changed.
        Volatile.WriteBarrier();
        BlockAt(bucket).At<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)) = key;
        return place with { Bucket = bucket, Slot = slot };
    }

    /// <summary>Says that the feed may come to say something of this slot's key that is not so.</summary>
    public void Owe(in EntryPlace place) => _stripes.SetOwed(place.Stripe, ((place.Bucket + 1) << OwedSlotBits) | (uint)place.Slot);

    /// <summary>Says that of all keys.</summary>
    public void OweEverything()
    {
        for (long stripe = 0; stripe < StripeCount; stripe++)
        {
            _stripes.SetOwed(stripe, EverythingOwed);
        }

        GC.KeepAlive(this);
    }

    /// <summary>The feed and the stripe agree.</summary>
    public void ForgetOwed(long stripe) => _stripes.SetOwed(stripe, NothingOwed);

    /// <summary>Tells the feed how what is owed really is; by who alone may change the stripe now.</summary>
    public void Settle(long stripe, ChangeFeed<TKey, TValue> feed)
    {
        long owed = _stripes.OwedOf(stripe);
        long bucket = (owed >> OwedSlotBits) - 1;
        int slot = (int)(owed & ((1 << OwedSlotBits) - 1));
        if (owed == EverythingOwed)
        {
            PutAll(stripe, feed);
        }
        else if (bucket >= FirstBucketOf(stripe) && bucket < FirstBucketOf(stripe + 1) && slot < SlotLayout<TKey, TValue>.SlotsPerBucket)
        {
            // A power cut may have left any key there; of which it is true, too.
            TellTruth(BlockAt(bucket).ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)), feed);
        }

        ForgetOwed(stripe);
        GC.KeepAlive(this);
    }

    private void TellTruth(TKey key, ChangeFeed<TKey, TValue> feed)
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
                feed.Put(in block.ReadOnlyAt<TKey>(SlotLayout<TKey, TValue>.KeyAt(slot)), in block.ReadOnlyAt<TValue>(SlotLayout<TKey, TValue>.ValueAt(slot)));
            }
        }
    }
}
