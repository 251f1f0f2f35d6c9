using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    private readonly ManyWriters? _many;

    /// <summary>
    /// Writes beside other threads and processes that do the same: each change is made under the lock of the stripe its key lies in. What
    /// makes a change count is checked with the lock in hand: that the tables are still those of map.meta. Whoever changes that makes sure
    /// first that nobody is in between, see docs/decisions/0063.
    /// </summary>
    private sealed partial class ManyWriters : IDisposable
    {
        private const long Replaced = -1;
        private const long NoRoom = -2;

        private readonly StateMap<TKey, TValue> _map;
        private readonly WriterRegistry _roster;
        private readonly DirectorySource _files;

        public ManyWriters(StateMap<TKey, TValue> map, WriterRegistry roster, DirectorySource files)
        {
            _map = map;
            _roster = roster;
            _files = files;
            _smallest = Math.Min(map._tables!.Current.Plan.BucketCount, map._opener.InitialBuckets);
        }

        public bool Put(in TKey key, in TValue value)
        {
            WriterHand hand = _roster.Rent();
            try
            {
                while (true)
                {
                    Table<TKey, TValue> table = Lock(in key, hand.Word, out long home);
                    long entries = PutLocked(table, home, in key, in value);
                    if (entries == Replaced)
                    {
                        return false;
                    }

                    if (entries != NoRoom)
                    {
                        GrowIfFull(table, entries);
                        return true;
                    }

                    MakeRoom(table, hand.Word);
                }
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        public bool Remove(in TKey key)
        {
            WriterHand hand = _roster.Rent();
            try
            {
                Table<TKey, TValue> table = Lock(in key, hand.Word, out long home);
                long entries = RemoveLocked(table, home, in key);
                if (entries >= 0)
                {
                    ShrinkIfFarTooLarge(table, entries);
                }

                return entries >= 0;
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        public bool CompareExchange(in TKey key, in TValue expected, in TValue replacement)
        {
            WriterHand hand = _roster.Rent();
            try
            {
                Table<TKey, TValue> table = Lock(in key, hand.Word, out long home);
                try
                {
                    return CompareExchangeAt(table, home, in key, in expected, in replacement);
                }
                finally
                {
                    table.Unlock(table.StripeOfBucket(home));
                    GC.KeepAlive(table);
                }
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        /// <summary>Waits for what other threads do for the map. Idempotent.</summary>
        public void Stop() => AwaitBackground();

        /// <summary>Keeps others from opening the map for a moment.</summary>
        public IDisposable LockOpening() => TimedLock.Take(_files.Storage, _files.Describe(MapFormat.OpeningLockFile));

        /// <summary>Gives up the place among the writers.</summary>
        /// <returns>The right to write alone, if nobody else has the map open; close the map then.</returns>
        public IDisposable? TryBeLast(IDisposable? lease)
        {
            lease?.Dispose();
            return _files.Storage.TryLock(_files.Describe(MapFormat.LockFile), LockMode.Exclusive);
        }

        public void Dispose() => _roster.Dispose();

        /// <returns>The number of entries in the stripe with the new one, or <see cref="Replaced"/> or <see cref="NoRoom"/>.</returns>
        private static long PutLocked(Table<TKey, TValue> table, long home, in TKey key, in TValue value)
        {
            long stripe = table.StripeOfBucket(home);
            try
            {
                if (table.TryLocate(home, in key, out long bucket, out int slot))
                {
                    table.Overwrite(bucket, slot, in value);
                    return Replaced;
                }

                if (table.EntriesOf(stripe) >= table.StripeRoom)
                {
                    return NoRoom;
                }

                table.InsertUnjournaled(home, in key, in value);
                return table.EntriesOf(stripe);
            }
            finally
            {
                table.Unlock(stripe);
                GC.KeepAlive(table);
            }
        }

        /// <returns>The number of entries left in the stripe, or -1 when the key was not there.</returns>
        private static long RemoveLocked(Table<TKey, TValue> table, long home, in TKey key)
        {
            long stripe = table.StripeOfBucket(home);
            try
            {
                if (!table.TryLocate(home, in key, out long bucket, out int slot))
                {
                    return -1;
                }

                table.RemoveUnjournaled(home, bucket, slot);
                return table.EntriesOf(stripe);
            }
            finally
            {
                table.Unlock(stripe);
                GC.KeepAlive(table);
            }
        }

        /// <summary>Locks the stripe that a key lies in, in the table that holds it; moves it there first while the map moves.</summary>
        private Table<TKey, TValue> Lock(in TKey key, long owner, out long home)
        {
            while (true)
            {
                TablePair<TKey, TValue> tables = _map.Tables();
                Table<TKey, TValue> table = tables.Next is null ? tables.Current : MoveFor(tables, in key, owner);
                home = table.HomeOf(in key);
                long stripe = table.StripeOfBucket(home);
                LockStripe(table, stripe, owner);
                if (_map._state.ReadAcquire() == tables.State)
                {
                    return table;
                }

                // The map has begun to move, or has moved: what lies here may not be what counts.
                table.Unlock(stripe);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void LockStripe(Table<TKey, TValue> table, long stripe, long owner)
        {
            if (!table.TryLock(stripe, owner))
            {
                LockTakenStripe(table, stripe, owner);
            }
        }

        // Whoever has it lets go within a microsecond, or within some fifty while it moves the stripe, or is dead, or is stopped.
        private void LockTakenStripe(Table<TKey, TValue> table, long stripe, long owner)
        {
            var patience = new Patience(_map._opener.Clock);
            while (!table.TryLock(stripe, owner))
            {
                if (!patience.Wait())
                {
                    continue;
                }

                long seen = table.LockOwnerOf(stripe);
                if (seen == OwnerWord.Nobody)
                {
                    continue;
                }

                if (_roster.IsDead(seen))
                {
                    if (!TryCompleteBatch(table, seen) && table.TryTakeOver(stripe, seen, owner))
                    {
                        Repair(table, stripe, seen, owner);
                        return;
                    }
                }
                else if (patience.IsAtItsEnd())
                {
                    throw Stopped(_roster.ProcessOf(seen));
                }
            }
        }

        // Before any of its locks is taken over: nobody is to see half of the batch as all there is.
        private bool TryCompleteBatch(Table<TKey, TValue> table, long dead) => _map._meta.HasBatches && _map._opener.Logs.TryComplete(table, dead);

        // One who finds damage gives the lock back to the dead: the next one is to find it as well, and not to write on top of it.
        private void Repair(Table<TKey, TValue> table, long stripe, long dead, long owner)
        {
            try
            {
                table.RepairStripe(stripe);
                _map.SettleOwed(table, stripe);
                _map._meta.CountTakeover();
            }
            catch
            {
                table.TryTakeOver(stripe, owner, dead);
                throw;
            }
        }

        private EstreamLeaseException Stopped(int process) => new(
            $"Process {process} has been holding a part of the map in '{_files.Directory}' for a minute and lives. It is stopped, by a debugger or a "
            + "signal, or the machine has no time for it. Let it go on, or end it: what it holds is free then.",
            _files.Directory,
            process);
    }
}
