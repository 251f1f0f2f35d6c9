using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    // How a map that several write goes from one table to the next: units are moved under the locks of their stripes, by whoever comes by,
    // and the end is made under the kernel's lock on moving.lock, which ends with its owner.
    private sealed partial class ManyWriters
    {
        private Progress? _progress;
        private int _writes;

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

        // In a method of its own, so that what the work captures is allocated only when there is work.
        private void StartEnding(TablePair<TKey, TValue> tables) =>
            TryInBackground(Mover.IsLarge(tables.Next!.Plan.BucketCount), () => TryEnd(tables));

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

                if (!table.IsUnitMoved(unit, tables.Next!))
                {
                    _map.SettleUnit(tables, unit);
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
                _map.FlushOrNoteLoss(() => _map.FlushNext(next));
                _map._meta.Publish(next.State);
                _map.FlushOrNoteLoss(_map._meta.Flush);
                _map._opener.LeaveTable(_map._meta, tables.Current.Generation);
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
