using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    // How a map that several write goes from one table to the next. Beginning and ending are done under the kernel's lock on moving.lock, which ends with
    // its owner; units are moved under the locks of their stripes, by whoever comes by.
    private sealed partial class ManyWriters
    {
        private readonly long _smallest;
        private Progress? _progress;
        private Task? _background;
        private int _writes;
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

        /// <summary>Moves the unit of a key that is going to be changed, and now and then another.</summary>
        /// <returns>The table in which to change it.</returns>
        private Table<TKey, TValue> MoveFor(TablePair<TKey, TValue> tables, in TKey key, long owner)
        {
            Table<TKey, TValue> next = tables.Next!;
            long home = tables.Current.HomeOf(in key);

            // The mark of the key's own stripe, by which readers go, and not that of another one of its unit.
            if (!tables.Current.IsMoved(tables.Current.StripeOfBucket(home)))
            {
                MoveUnit(tables, tables.Current.UnitOf(home, next), owner);
            }

            if (++_writes >= Mover.WritesPerUnit)
            {
                _writes = 0;
                MoveOneMore(tables, owner);
            }

            return next;
        }

        private void MoveOneMore(TablePair<TKey, TValue> tables, long owner)
        {
            Progress? progress = _progress;
            if (progress?.Tables != tables)
            {
                _progress = progress = new Progress(tables);
            }

            if (progress.NextUnit() is var unit && unit < tables.Units)
            {
                MoveUnit(tables, unit, owner);
            }
            else
            {
                StartEnding(tables);
            }
        }

        // In methods of their own, these three, so that what the work captures is allocated only when there is work.
        private void StartEnding(TablePair<TKey, TValue> tables) =>
            TryInBackground(Mover.IsLarge(tables.Next!.Plan.BucketCount), () => TryEnd(tables));

        private bool TryStartGrowing(TablePair<TKey, TValue> tables, long buckets) =>
            TryInBackground(Mover.IsLarge(buckets), () => TryBegin(tables, buckets, isShrinking: false));

        private bool TryStartShrinking(TablePair<TKey, TValue> tables, long buckets) =>
            TryInBackground(Mover.IsLarge(buckets), () => TryBegin(tables, buckets, isShrinking: true));

        private void MoveUnit(TablePair<TKey, TValue> tables, long unit, long owner)
        {
            Table<TKey, TValue> table = tables.Current;
            long stripes = table.StripeCount / tables.Units;
            long locked = unit * stripes;
            try
            {
                // In ascending order, as everybody who locks several.
                for (; locked < (unit + 1) * stripes; locked++)
                {
                    LockStripe(table, locked, owner);
                }

                table.MoveLockedUnit(unit, tables.Next!);
            }
            finally
            {
                while (--locked >= unit * stripes)
                {
                    table.Unlock(locked);
                }

                GC.KeepAlive(table);
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

        // Whether all fits is looked at while nobody adds anything. What is added from then on is added behind the move of its unit, and is counted.
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

        private bool TryFinishMove(long owner)
        {
            using IDisposable? moving = TryMovingLock();
            if (moving is null)
            {
                return false;
            }

            FinishMove(owner);
            return true;
        }

        // The caller has moving.lock.
        private void FinishMove(long owner)
        {
            TablePair<TKey, TValue> tables = _map.Tables();
            for (long unit = 0; tables.Next is not null && unit < tables.Units; unit++)
            {
                if (!tables.Current.IsUnitMoved(unit, tables.Next))
                {
                    MoveUnit(tables, unit, owner);
                }
            }

            End(tables);
        }

        private bool TryEnd(TablePair<TKey, TValue> tables)
        {
            using IDisposable? moving = TryMovingLock();
            if (moving is not null)
            {
                End(tables);
            }

            return moving is not null;
        }

        // The device has the whole next table before it has the word that says that it is all there is, and that before the old file goes.
        private void End(TablePair<TKey, TValue> tables)
        {
            if (tables.Next is { } next && _map._meta.State == tables.State)
            {
                _map.FlushOrNoteLoss(next.Flush);
                _map._meta.Publish(next.State);
                _map.FlushOrNoteLoss(_map._meta.Flush);
                _map._opener.DeleteTable(tables.Current.Generation);
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

        /// <summary>
        /// Does what no write needs: at once, or where it takes long by a thread of its own. What storage refuses is tried again by a later write; a map
        /// that has no room at all reports it, see <see cref="MakeRoom"/>.
        /// </summary>
        /// <returns>Whether it was done or is being done.</returns>
        private bool TryInBackground(bool isLarge, Func<bool> work)
        {
            if (isLarge)
            {
                return TryStart(work);
            }

            try
            {
                return work();
            }
            catch (EstreamStorageException)
            {
                return false;
            }
        }

        private bool TryStart(Func<bool> work)
        {
            Task? before = _background;
            if (before is { IsCompleted: false })
            {
                return false;
            }

            var task = new Task(() => TryInBackground(isLarge: false, work), TaskCreationOptions.LongRunning);
            if (Interlocked.CompareExchange(ref _background, task, before) != before)
            {
                return false;
            }

            task.Start(TaskScheduler.Default);
            return true;
        }

        private void AwaitBackground()
        {
            try
            {
                _background?.GetAwaiter().GetResult();
            }
            catch (EstreamException)
            {
                // The map is as whole as before; who wants room in it hears of it.
            }
        }

        private IDisposable? TryMovingLock() => _files.Storage.TryLock(_files.Describe(MapFormat.MovingLockFile), LockMode.Exclusive);

        private IDisposable AwaitMovingLock()
        {
            var patience = new Patience(_map._opener.Clock);
            while (true)
            {
                if (TryMovingLock() is { } moving)
                {
                    return moving;
                }

                if (patience.Wait() && patience.IsAtItsEnd())
                {
                    throw MovingTooLong();
                }
            }
        }

        private EstreamLeaseException MovingTooLong() => new(
            $"Another writer of the map in '{_files.Directory}' has been moving it into another table for a minute. Its device is slow, or it is stopped: "
            + "try again, or end it.",
            _files.Describe(MapFormat.MovingLockFile));

        /// <summary>How far this object has seen the units of one move moved.</summary>
        private sealed class Progress(TablePair<TKey, TValue> tables)
        {
            private long _cursor;

            public TablePair<TKey, TValue> Tables { get; } = tables;

            /// <summary>The first unit that is not moved, as far as this object has looked; the number of units when all are.</summary>
            public long NextUnit()
            {
                long unit = Volatile.Read(ref _cursor);
                while (unit < Tables.Units && Tables.Current.IsUnitMoved(unit, Tables.Next!))
                {
                    unit++;
                }

                Volatile.Write(ref _cursor, unit);
                return unit;
            }
        }
    }
}
