using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    private readonly Mover? _mover;

    // The same, if nobody is to be told of changes: by it the quick ways go.
    private readonly Mover? _alone;

    /// <summary>
    /// Takes a map from one table into the next, a little with each write. A large next table is made, and the last of it written to the
    /// device, by a thread of its own. Called by the one writing thread, but for <see cref="Stop"/>.
    /// </summary>
    private sealed partial class Mover
    {
        /// <summary>A table below this is made by the writer itself, in less than a millisecond.</summary>
        private const long LargeTableBytes = 1 << 20;

        /// <summary>So many writes share the work of moving one unit that nobody asked for: the map is through long before the next table
        /// is full.</summary>
        public const int WritesPerUnit = 64;

        /// <summary>A map moves into a smaller table when it has fewer than this part of the entries it could have.</summary>
        public const int ShrinkBelow = 8;

        private readonly StateMap<TKey, TValue> _map;
        private readonly long _smallest;
        private long _count;
        private Task<Table<TKey, TValue>>? _spare;
        private Task? _ending;
        private long _units;
        private long _unmoved;
        private long _cursor;
        private int _writes;
        private int _triesAfter;
        private long _shrinkBelow = long.MaxValue;
        private bool _isRepeated;

        public Mover(StateMap<TKey, TValue> map, bool isCutOff)
        {
            _map = map;
            TablePair<TKey, TValue> tables = map._tables!;
            _count = tables.Count();
            _isRepeated = isCutOff;
            _smallest = Math.Min(tables.Current.Plan.BucketCount, map._opener.InitialBuckets);
            if (tables.Next is { } next)
            {
                Begin(tables.Current, next);
            }
        }

        public bool IsMoving { get; private set; }

        public bool IsFull(Table<TKey, TValue> table, long home) => !HasRoomFor(table, 1) || table.IsFull(home);

        public void AfterInsert()
        {
            _count++;
            PrepareIfNearlyFull();
        }

        public void AfterRemove()
        {
            _count--;
            ShrinkIfFarTooLarge();
        }

        /// <summary>Moves the unit of a key that is going to be changed, and now and then another.</summary>
        /// <returns>The table in which to change it.</returns>
        public Table<TKey, TValue> MoveFor(in TKey key)
        {
            TablePair<TKey, TValue> tables = _map._tables!;
            Table<TKey, TValue> next = tables.Next!;
            Move(tables, tables.Current.UnitOf(tables.Current.HomeOf(in key), next));
            if (++_writes >= WritesPerUnit)
            {
                _writes = 0;
                MoveOneMore(tables);
            }

            try
            {
                EndIfDone(tables);
            }
            catch (Core.EstreamStorageException)
            {
                // The device has not all of the next table, so the old one stays; map.meta says that it refused. This write needs neither.
                _triesAfter = WritesPerUnit;
            }

            return next;
        }

        /// <summary>Makes room for a key, in the next table, which is made if it is not there already.</summary>
        /// <returns>The table in which to add the key.</returns>
        public Table<TKey, TValue> MakeRoom(in TKey key)
        {
            if (IsMoving)
            {
                // That may be all the room it takes: what a damaged file said of its entries is set right by moving them.
                Finish();
                Table<TKey, TValue> table = _map._table!;
                if (!IsFull(table, table.HomeOf(in key)))
                {
                    return table;
                }
            }

            BeginMove(isGrowing: true);
            return MoveFor(in key);
        }

        /// <summary>Moves everything that is left, and waits until the one table is all there is.</summary>
        public void Finish()
        {
            while (IsMoving)
            {
                TablePair<TKey, TValue> tables = _map._tables!;
                MoveOneMore(tables);
                _triesAfter = 0;
                EndIfDone(tables);
                if (_unmoved == 0 && _ending is { } ending)
                {
                    // EndIfDone says what came of it.
                    ((IAsyncResult)ending).AsyncWaitHandle.WaitOne();
                }
            }
        }

        public void ReplaceByEmpty()
        {
            FinishWithoutShrinking();
            DropSpare();
            TablePair<TKey, TValue> before = _map._tables!;
            Table<TKey, TValue> empty = _map._opener.CreateNext(before.Current, MapFormat.MinBuckets);
            _map.TellCleared(before.Current, empty);
            _map._meta.RaiseVersionFloor(before.Current.HighestVersion);
            _map.Use(new TablePair<TKey, TValue>(empty, null));
            _map._meta.Publish(empty.State);
            _count = 0;
            RetireMissing(before, _map._tables!);
            _map.FlushOrNoteLoss(_map._meta.Flush);
            _map._opener.DeleteTable(before.Current.Generation);
        }

        // A smaller table that the end of the move asks for would be made beside the empty one, by another thread and under the same name.
        private void FinishWithoutShrinking()
        {
            long shrinkBelow = _shrinkBelow;
            _shrinkBelow = 0;
            try
            {
                Finish();
            }
            finally
            {
                _shrinkBelow = shrinkBelow;
            }
        }

        /// <summary>Waits for what other threads do for the map. Idempotent.</summary>
        public void Stop()
        {
            DropSpare();
            try
            {
                _ending?.GetAwaiter().GetResult();
            }
            catch (Core.EstreamException)
            {
                // The map is as whole as before; the next writer moves on.
            }
        }

        /// <summary>Whether a table is made, and written to the device, by a thread of its own.</summary>
        public static bool IsLarge(long buckets) => Table<TKey, TValue>.BytesFor(buckets) >= LargeTableBytes;

        // No write waits for a larger table that is still being made, nor for the device that has not all of the last one yet: the table
        // takes a quarter more meanwhile. Where nothing is on its way, because the disk is full or the device refuses, it takes no more
        // than its limit.
        private bool HasRoomFor(Table<TKey, TValue> table, long added) =>
            _count + added <= table.EntryLimit || (_count + added <= table.MostEntries && IsLargerOnItsWay);

        private bool IsLargerOnItsWay => (IsMoving ? _ending : _spare) is { IsCompleted: false };

        private void PrepareIfNearlyFull()
        {
            if (!IsMoving && _spare is null && IsLarge(_map._table!.Plan.BucketCount * 2) && _count >= _map._table.EntryLimit / 8 * 7)
            {
                PrepareSpareIfPossible(_map._table.Plan.BucketCount * 2);
            }
        }

        // What moves already is moved first. Returns the table that is being left.
        private Table<TKey, TValue> BeginMove(bool isGrowing)
        {
            Finish();
            Table<TKey, TValue> table = _map._table!;
            table.RequireUnmoved();
            Publish(table, TakeSpare(isGrowing ? table.Plan.BucketCount * 2 : table.Plan.BucketCount));
            return table;
        }

        private void ShrinkIfFarTooLarge()
        {
            Table<TKey, TValue> table = _map._table!;
            if (IsMoving || table.Plan.BucketCount <= _smallest || _count >= Math.Min(_shrinkBelow, table.EntryLimit / ShrinkBelow))
            {
                return;
            }

            try
            {
                _shrinkBelow = long.MaxValue;
                Shrink(table);
            }
            catch (Exception failure) when (IsOfMaking(failure))
            {
                // There was no room for the smaller table beside this one. Nobody needs it: it is tried again when there is less to move.
                _shrinkBelow = _count / 2;
            }
        }

        private void Shrink(Table<TKey, TValue> table)
        {
            long buckets = table.Plan.BucketCount / 2;
            if (_spare is null && IsLarge(buckets))
            {
                PrepareSpare(buckets);
            }

            if (_spare is { IsCompleted: false })
            {
                return;
            }

            Table<TKey, TValue> next = TakeSpare(buckets);
            if (table.FitsInto(next))
            {
                Publish(table, next);
            }
            else
            {
                _map._opener.Abandon(next);
                _shrinkBelow = _count / 2;
            }
        }

        // The entry is there already. The table is made when it is needed, or that write is refused.
        private void PrepareSpareIfPossible(long buckets)
        {
            try
            {
                PrepareSpare(buckets);
            }
            catch (Exception failure) when (IsOfMaking(failure))
            {
            }
        }

        // No room on the disk or in memory, or for another thread: nothing that concerns what is in the map.
        private static bool IsOfMaking(Exception failure) => failure is Core.EstreamException or OutOfMemoryException or TaskSchedulerException;

        private void PrepareSpare(long buckets)
        {
            Table<TKey, TValue> table = _map._table!;
            _spare = Task.Factory.StartNew(() => _map._opener.CreateNext(table, buckets), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        private Table<TKey, TValue> TakeSpare(long buckets)
        {
            if (_spare is not { } spare)
            {
                return _map._opener.CreateNext(_map._table!, buckets);
            }

            // Also when it failed: the next call tries again.
            _spare = null;
            Table<TKey, TValue> next = spare.GetAwaiter().GetResult();
            if (next.Plan.BucketCount == buckets)
            {
                return next;
            }

            _map._opener.Abandon(next);
            return _map._opener.CreateNext(_map._table!, buckets);
        }

        private void DropSpare()
        {
            if (_spare is { } spare)
            {
                _spare = null;
                try
                {
                    _map._opener.Abandon(spare.GetAwaiter().GetResult());
                }
                catch (Exception failure) when (IsOfMaking(failure))
                {
                    // There is nothing to drop then.
                }
            }
        }

        private void Publish(Table<TKey, TValue> table, Table<TKey, TValue> next)
        {
            // First the tables, for the readers of this process, then the word, then the first stripe is marked.
            _map.Use(new TablePair<TKey, TValue>(table, next));
            _map._meta.Publish(MapState.Moving(table.Generation));
            _isRepeated = false;
            Begin(table, next);
        }

        private void Begin(Table<TKey, TValue> table, Table<TKey, TValue> next)
        {
            _units = table.UnitsTo(next);
            _unmoved = 0;
            for (long unit = 0; unit < _units; unit++)
            {
                _unmoved += table.IsUnitMoved(unit, next) ? 0 : 1;
            }

            _cursor = 0;
            _writes = 0;
            _triesAfter = 0;
            _ending = null;
            IsMoving = true;
        }

        private void MoveOneMore(TablePair<TKey, TValue> tables)
        {
            while (_cursor < _units && tables.Current.IsUnitMoved(_cursor, tables.Next!))
            {
                _cursor++;
            }

            if (_cursor < _units)
            {
                Move(tables, _cursor);
            }
        }

        private void Move(TablePair<TKey, TValue> tables, long unit)
        {
            if (!tables.Current.IsUnitMoved(unit, tables.Next!))
            {
                _map.SettleUnit(tables, unit);
                long claimed = tables.Current.EntriesOfUnit(unit, _units);
                tables.Current.MoveUnit(unit, tables.Next!, _isRepeated);
                _unmoved--;

                // Counted anew, since a map that took a damaged count for true would grow with each write, without end.
                _count += tables.Next!.EntriesOfUnit(unit, _units) - claimed;
            }
        }

        private void EndIfDone(TablePair<TKey, TValue> tables)
        {
            if (_unmoved > 0 || (_triesAfter > 0 && --_triesAfter > 0))
            {
                return;
            }

            if (_ending is null && IsLarge(tables.Next!.Plan.BucketCount))
            {
                _ending = Task.Factory.StartNew(() => End(tables), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
            else if (_ending is null)
            {
                End(tables);
                _ending = Task.CompletedTask;
            }

            if (_ending.IsCompleted)
            {
                // One that failed is tried again with the next write.
                Task ended = _ending;
                _ending = null;
                ended.GetAwaiter().GetResult();
                _map.Use(new TablePair<TKey, TValue>(tables.Next!, null));
                IsMoving = false;
                tables.Current.Retire();

                // It may have lost its entries while the last of it was written to the device, or got more than it is to have.
                ShrinkIfFarTooLarge();
                PrepareIfNearlyFull();
            }
        }

        // The device has the whole next table before it has the word that says that it is all there is, and that before the old file goes.
        private void End(TablePair<TKey, TValue> tables)
        {
            Table<TKey, TValue> next = tables.Next!;
            _map.FlushOrNoteLoss(() => _map.FlushNext(next));
            _map._meta.Publish(next.State);
            _map.FlushOrNoteLoss(_map._meta.Flush);
            _map._opener.LeaveTable(_map._meta, tables.Current.Generation);
        }
    }
}
