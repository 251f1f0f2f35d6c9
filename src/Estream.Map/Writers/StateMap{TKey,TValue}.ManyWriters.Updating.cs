using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    // What is decided, and then done, with the lock of the entry's stripe in hand.
    private sealed partial class ManyWriters
    {
        public EntryOutcome Change<TDecision>(in TKey key, ref TDecision decision)
            where TDecision : struct, IEntryDecision<TValue>, allows ref struct
        {
            WriterHand hand = _roster.Rent();
            try
            {
                while (true)
                {
                    Table<TKey, TValue> table = Lock(in key, hand.Word, out long home);
                    EntryOutcome outcome = ChangeLocked(table, home, in key, ref decision, out int added, out long entries);
                    if (entries != NoRoom)
                    {
                        Note(table, added, entries);
                        return outcome;
                    }

                    MakeRoom(table, hand.Word);
                }
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        // The number of entries in the stripe is NoRoom when nothing was done.
        private EntryOutcome ChangeLocked<TDecision>(
            Table<TKey, TValue> table, long home, in TKey key, ref TDecision decision, out int added, out long entries)
            where TDecision : struct, IEntryDecision<TValue>, allows ref struct
        {
            try
            {
                EntryPlace place = table.Locate(in key);
                EntryOutcome outcome = _map.Ask(table, in place, ref decision, out TValue value, out long version);
                bool hasRoom = outcome != EntryOutcome.Put || place.IsThere || table.EntriesOf(place.Stripe) < table.StripeRoom;
                added = hasRoom ? _map.Perform(table, in place, in key, outcome, in value, version) : 0;
                entries = hasRoom ? table.EntriesOf(place.Stripe) : NoRoom;
                return outcome;
            }
            finally
            {
                table.Unlock(table.StripeOfBucket(home));
                GC.KeepAlive(table);
            }
        }

        private void Note(Table<TKey, TValue> table, int added, long entries)
        {
            if (added > 0)
            {
                GrowIfFull(table, entries);
            }
            else if (added < 0)
            {
                ShrinkIfFarTooLarge(table, entries);
            }
        }
    }
}
