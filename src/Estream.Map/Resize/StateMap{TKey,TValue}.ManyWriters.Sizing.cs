using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    // When a map that several write goes into a larger table, a smaller or an empty one, and how that is published: under moving.lock, and
    // where entries might be lost between the tables with the locks of all stripes in hand.
    private sealed partial class ManyWriters
    {
        private readonly long _smallest;
        private int _growAfter;
        private long _shrinkAfter;

        public void Clear()
        {
            WriterHand hand = _roster.Rent();
            try
            {
                using IDisposable moving = AwaitMovingLock();
                FinishMove(hand.Word);
                TablePair<TKey, TValue> before = _map.Tables();
                Table<TKey, TValue> empty = _map._opener.CreateNext(before.Current, MapFormat.MinBuckets);
                LockAll(before.Current, hand.Word);
                TellCleared(before.Current, empty);
                PublishAndUnlockAll(before.Current, new TablePair<TKey, TValue>(empty, null));
                before.Current.Retire();
                _map.FlushOrNoteLoss(_map._meta.Flush);
                _map._opener.DeleteTable(before.Current.Generation);
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        // With all stripes locked.
        private void TellCleared(Table<TKey, TValue> table, Table<TKey, TValue> empty)
        {
            try
            {
                _map.TellCleared(table, empty);
                _map._meta.RaiseVersionFloor(table.HighestVersion);
            }
            catch
            {
                UnlockFirst(table, table.StripeCount);
                throw;
            }
        }

        private void GrowIfFull(Table<TKey, TValue> table, long entries)
        {
            if (entries < table.StripeLimit || --_growAfter > 0)
            {
                return;
            }

            TablePair<TKey, TValue> tables = _map.Tables();
            if (tables.Next is null && tables.Current == table)
            {
                _growAfter = TryStartGrowing(tables, table.Plan.BucketCount * 2) ? 0 : Mover.WritesPerUnit;
            }
        }

        private void ShrinkIfFarTooLarge(Table<TKey, TValue> table, long entries)
        {
            bool isWorthCounting = entries < table.EntryLimit / table.StripeCount / Mover.ShrinkBelow
                && table.Plan.BucketCount > _smallest
                && --_shrinkAfter <= 0;
            if (!isWorthCounting)
            {
                return;
            }

            _shrinkAfter = Math.Max(Mover.WritesPerUnit, table.StripeCount);
            TablePair<TKey, TValue> tables = _map.Tables();
            if (tables.Next is null && tables.Current == table && tables.Count() < table.EntryLimit / Mover.ShrinkBelow)
            {
                TryStartShrinking(tables, table.Plan.BucketCount / 2);
            }
        }

        // In methods of their own, these two, so that what the work captures is allocated only when there is work.
        private bool TryStartGrowing(TablePair<TKey, TValue> tables, long buckets) =>
            TryInBackground(Mover.IsLarge(buckets), () => TryBegin(tables, buckets, isShrinking: false));

        private bool TryStartShrinking(TablePair<TKey, TValue> tables, long buckets) =>
            TryInBackground(Mover.IsLarge(buckets), () => TryBegin(tables, buckets, isShrinking: true));

        // A stripe is so full that nothing more is put there: the map has to move, whoever makes it.
        private void MakeRoom(Table<TKey, TValue> table, long owner)
        {
            var patience = new Patience(_map._opener.Clock);
            while (true)
            {
                TablePair<TKey, TValue> tables = _map.Tables();
                if ((tables.Next ?? tables.Current) != table)
                {
                    return;
                }

                bool isDone = tables.Next is null
                    ? TryBegin(tables, table.Plan.BucketCount * 2, isShrinking: false)
                    : TryFinishMove(owner);
                if (!isDone && patience.Wait() && patience.IsAtItsEnd())
                {
                    throw MovingTooLong();
                }
            }
        }

        /// <summary>Publishes a larger or smaller table, if nobody else is at it.</summary>
        private bool TryBegin(TablePair<TKey, TValue> tables, long buckets, bool isShrinking)
        {
            using IDisposable? moving = TryMovingLock();
            if (moving is null || _map._meta.State != tables.State)
            {
                return false;
            }

            tables.Current.RequireUnmoved();
            Table<TKey, TValue> next = _map._opener.CreateNext(tables.Current, buckets);
            var pair = new TablePair<TKey, TValue>(tables.Current, next);
            if (!isShrinking)
            {
                Publish(pair);
                return true;
            }

            bool isDone = TryPublishSmaller(pair);
            if (!isDone)
            {
                _map._opener.Abandon(next);
            }

            return isDone;
        }

        // Whether all fits is looked at while nobody adds anything. What is added from then on is added behind the move of its unit, and is
        // counted.
        private bool TryPublishSmaller(TablePair<TKey, TValue> tables)
        {
            WriterHand hand = _roster.Rent();
            try
            {
                LockAll(tables.Current, hand.Word);
                bool fits = tables.Current.FitsInto(tables.Next!);
                PublishAndUnlockAll(tables.Current, fits ? tables : null);
                return fits;
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        // Under the gate, so that no thread of this process opens by name what it is just being given.
        private void Publish(TablePair<TKey, TValue> tables)
        {
            lock (_map._gate)
            {
                _map.Use(tables);
                _map._meta.Publish(tables.State);
            }
        }

        private void LockAll(Table<TKey, TValue> table, long owner)
        {
            long locked = 0;
            try
            {
                for (; locked < table.StripeCount; locked++)
                {
                    LockStripe(table, locked, owner);
                }
            }
            catch
            {
                UnlockFirst(table, locked);
                throw;
            }
        }

        private void PublishAndUnlockAll(Table<TKey, TValue> table, TablePair<TKey, TValue>? tables)
        {
            try
            {
                if (tables is not null)
                {
                    Publish(tables);
                }
            }
            finally
            {
                UnlockFirst(table, table.StripeCount);
            }
        }

        private static void UnlockFirst(Table<TKey, TValue> table, long count)
        {
            while (--count >= 0)
            {
                table.Unlock(count);
            }

            GC.KeepAlive(table);
        }
    }
}
