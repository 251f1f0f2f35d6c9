using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    // A batch with the locks of all its stripes in hand, taken in ascending order, in the one table that has all of its keys.
    private sealed partial class ManyWriters
    {
        public BatchSeat<TKey, TValue> TakeSeat(int capacity)
        {
            WriterHand hand = _roster.Rent();
            try
            {
                return _map.Seat(hand.Slot.Number, hand, capacity);
            }
            catch
            {
                _roster.Return(hand);
                throw;
            }
        }

        public void Return(WriterHand hand) => _roster.Return(hand);

        public bool Commit(BatchPlan<TKey, TValue> plan, BatchSeat<TKey, TValue> seat)
        {
            while (true)
            {
                Table<TKey, TValue> table = LockFor(plan, seat.Word);
                BatchVerdict verdict = CommitLocked(table, plan, seat);
                if (verdict == BatchVerdict.IsUnmet)
                {
                    return false;
                }

                if (verdict == BatchVerdict.IsReady)
                {
                    Note(table, plan);
                    return true;
                }

                MakeRoom(table, seat.Word);
            }
        }

        /// <summary>Tells what the stripe of a key owes.</summary>
        public void Settle(TKey key, long owner)
        {
            Table<TKey, TValue> table = Lock(in key, owner, out long home);
            long stripe = table.StripeOfBucket(home);
            try
            {
                _map.SettleOwed(table, stripe);
            }
            finally
            {
                table.Unlock(stripe);
                GC.KeepAlive(table);
            }
        }

        private BatchVerdict CommitLocked(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchSeat<TKey, TValue> seat)
        {
            try
            {
                BatchVerdict verdict = plan.Examine(table, table.StripeRoom, _map._meta.VersionFloor);
                if (verdict == BatchVerdict.IsReady)
                {
                    _map.CommitIn(table, plan, seat);
                }

                return verdict;
            }
            finally
            {
                UnlockFirst(table, plan, plan.Count);
            }
        }

        private void Note(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan)
        {
            for (int index = 0; index < plan.Count; index++)
            {
                Note(table, plan.AddedBy(index), table.EntriesOf(plan.StripeOf(index)));
            }
        }

        private Table<TKey, TValue> LockFor(BatchPlan<TKey, TValue> plan, long owner)
        {
            while (true)
            {
                TablePair<TKey, TValue> tables = _map.Tables();
                Table<TKey, TValue> table = tables.Next ?? tables.Current;
                for (int index = 0; tables.Next is not null && index < plan.Count; index++)
                {
                    MoveFor(tables, in plan.KeyOf(index), owner);
                }

                LockAll(table, plan, owner);
                if (_map._state.ReadAcquire() == tables.State)
                {
                    return table;
                }

                // The map has begun to move, or has moved: what lies here may not be what counts.
                UnlockFirst(table, plan, plan.Count);
            }
        }

        private void LockAll(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, long owner)
        {
            int locked = 0;
            try
            {
                for (; locked < plan.Count; locked++)
                {
                    if (plan.IsNewStripe(table, locked, out long stripe))
                    {
                        LockStripe(table, stripe, owner);
                    }
                }
            }
            catch
            {
                UnlockFirst(table, plan, locked);
                throw;
            }
        }

        // The stripes of so many of its keys in their order.
        private static void UnlockFirst(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, int count)
        {
            while (--count >= 0)
            {
                if (plan.IsNewStripe(table, count, out long stripe))
                {
                    table.Unlock(stripe);
                }
            }

            GC.KeepAlive(table);
        }
    }
}
