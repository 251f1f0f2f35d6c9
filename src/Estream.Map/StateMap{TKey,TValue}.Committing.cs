using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

// How a batch is made: looked at, written to its log, told, committed by one store, applied. What comes before that store leaves the map as
// it was, and what comes after it is done by whoever lives.
public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Makes a batch: changes of several keys that happen wholly or not at all, if what it requires is so. It is filled, committed, filled
    /// again, and allocates nothing any more.
    /// </summary>
    /// <param name="capacity">How many keys it takes, up to <see cref="StateMap.MaxBatchKeys"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below 1 or too large; keys and values of a batch are at most 16
    /// MiB.</exception>
    /// <exception cref="EstreamStorageException">The disk has no room for the log of the batch. Nothing changed.</exception>
    /// <exception cref="EstreamLeaseException">All 256 places for batches, or among the writers, are taken.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only.</exception>
    public MapBatch<TKey, TValue> CreateBatch(int capacity = 16)
    {
        RequireWritable();
        RequireCapacity(capacity);
        return new MapBatch<TKey, TValue>(this, new PlainPlan<TKey, TValue>(capacity, _meta.HashSeed), TakeSeat(capacity));
    }

    internal static void RequireCapacity(int capacity)
    {
        long most = Math.Min(BatchLayout.MaxEntries, BatchLayout.MaxBytes / BatchEntry<TKey, TValue>.Bytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, most);
    }

    internal ulong HashSeed => _meta.HashSeed;

    /// <summary>A place to write batches from, with a log for as many changes.</summary>
    internal BatchSeat<TKey, TValue> TakeSeat(int capacity)
    {
        RequireWritable();
        AllowBatches();
        return _many is { } many ? many.TakeSeat(capacity) : TakeOnlySeat(capacity);
    }

    /// <summary>Gives a place back.</summary>
    internal void Leave(BatchSeat<TKey, TValue> seat)
    {
        if (_opener.Logs.TryGiveUp(seat.Place) && seat.Hand is { } hand)
        {
            _many!.Return(hand);
        }
    }

    /// <summary>Does what a batch says, in one step.</summary>
    /// <returns>Whether what it requires is so; nothing changed otherwise.</returns>
    internal bool Commit(BatchPlan<TKey, TValue> plan, BatchSeat<TKey, TValue> seat)
    {
        RequireWritable();
        SettleLog(seat);
        plan.Sort();
        return plan.Count == 0 || (_many is { } many ? many.Commit(plan, seat) : CommitAlone(plan, seat));
    }

    private BatchSeat<TKey, TValue> TakeOnlySeat(int capacity)
    {
        int place = _opener.Logs.FreePlace();
        return place >= 0
            ? Seat(place, hand: null, capacity)
            : throw new EstreamLeaseException($"All {WriterSlots.SlotCount} places for batches of the map in '{Directory ?? "memory"}' are taken. Dispose batches that are not needed any more.", Directory ?? "memory");
    }

    // What the owner before has left in the log is done first, and told.
    private BatchSeat<TKey, TValue> Seat(int place, WriterHand? hand, int capacity)
    {
        BatchLogs<TKey, TValue> logs = _opener.Logs;
        BatchLog<TKey, TValue>? log = logs.TryOpen(place, _meta.HashSeed);
        try
        {
            if (log is not null)
            {
                logs.CompleteBefore(log, Tables());
                SettleLog(new BatchSeat<TKey, TValue>(place, hand) { Log = log });
            }

            if (log is null || log.Capacity < capacity)
            {
                log?.Dispose();
                log = logs.Create(place, capacity, _meta.HashSeed);
            }

            logs.Keep(place, log);
            Announce(log);
            return new BatchSeat<TKey, TValue>(place, hand) { Log = log };
        }
        catch
        {
            log?.Dispose();
            throw;
        }
    }

    // In this order: who dies in between has it said twice.
    private void Announce(BatchLog<TKey, TValue> log)
    {
        if (!log.IsAnnounced)
        {
            _meta.NoteLogMade();
            log.Announce();
        }
    }

    // Older programs do not know the logs: from here on they refuse the map. On the device before there is a log.
    private void AllowBatches()
    {
        if (MetaFile.AllowBatches(_meta.Span))
        {
            FlushOrNoteLoss(_meta.Flush);
        }

        _opener.Logs.CreateFolder();
    }

    // What a sink had refused in the middle of the batch before: the log is written anew only when nobody needs it.
    private void SettleLog(BatchSeat<TKey, TValue> seat)
    {
        BatchLog<TKey, TValue> log = seat.Log;
        if (!log.IsOwing || _feed is null)
        {
            return;
        }

        int count = log.IsWhole(out int changes) ? changes : 0;
        for (int index = 0; index < count; index++)
        {
            if (_many is { } many)
            {
                many.Settle(log.KeyAt(index), seat.Word);
            }
            else
            {
                Table<TKey, TValue> table = Writable(_mover!, in log.KeyAt(index));
                SettleOwed(table, table.StripeOf(in log.KeyAt(index)));
            }
        }

        log.NoteOwing(false);
    }

    private bool CommitAlone(BatchPlan<TKey, TValue> plan, BatchSeat<TKey, TValue> seat)
    {
        Mover mover = _mover!;
        if (mover.MakeReady(plan) is not { } table)
        {
            return false;
        }

        CommitIn(table, plan, seat);
        for (int index = 0; index < plan.Count; index++)
        {
            Note(plan.AddedBy(index));
        }

        return true;
    }

    // By who alone may change the stripes of the batch; there is room.
    private void CommitIn(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchSeat<TKey, TValue> seat)
    {
        BatchLog<TKey, TValue> log = seat.Log;
        SettleStripes(table, plan);
        plan.UseVersions(table);
        log.Write(plan, table.Generation, _meta.WriterEpoch);
        TellBatch(table, plan, seat);
        log.Commit(seat.Word);
        try
        {
            plan.Apply(table, isJournaled: _mover is not null);
        }
        finally
        {
            // Not all of it only if the table was found to be damaged.
            log.End();
        }

        ForgetOwed(table, plan, log);
    }

    private void SettleStripes(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan)
    {
        for (int place = 0; _feed is not null && place < plan.Count; place++)
        {
            if (plan.IsNewStripe(table, place, out long stripe))
            {
                SettleOwed(table, stripe);
            }
        }
    }

    // All of it before any of it is made. What a sink refuses in the middle is not made, and the stripes owe what was told.
    private void TellBatch(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchSeat<TKey, TValue> seat)
    {
        if (_feed is not { } feed)
        {
            return;
        }

        seat.Log.NoteOwing(true);
        for (int place = 0; place < plan.Count; place++)
        {
            if (plan.IsNewStripe(table, place, out long stripe))
            {
                table.OweBatch(stripe, seat.Place);
            }
        }

        for (int index = 0; index < plan.Count; index++)
        {
            EntryOutcome outcome = plan.OutcomeOf(index);
            if (outcome == EntryOutcome.Put)
            {
                feed.Put(in plan.KeyOf(index), in plan.ValueOf(index));
            }
            else if (outcome != EntryOutcome.Keep)
            {
                feed.Remove(in plan.KeyOf(index), outcome == EntryOutcome.Expire ? MapChangeKind.Expire : MapChangeKind.Remove);
            }
        }
    }

    private void ForgetOwed(Table<TKey, TValue> table, BatchPlan<TKey, TValue> plan, BatchLog<TKey, TValue> log)
    {
        if (_feed is null)
        {
            return;
        }

        for (int place = 0; place < plan.Count; place++)
        {
            if (plan.IsNewStripe(table, place, out long stripe))
            {
                table.ForgetOwed(stripe);
            }
        }

        log.NoteOwing(false);
    }

    private sealed partial class Mover
    {
        /// <summary>Brings the keys of a batch into one table with room for all of them.</summary>
        /// <returns>The table; <see langword="null"/> when something that the batch requires is not so.</returns>
        public Table<TKey, TValue>? MakeReady(BatchPlan<TKey, TValue> plan)
        {
            // The room that is made for the batch would look like far too much before it is filled.
            long shrinkBelow = _shrinkBelow;
            _shrinkBelow = 0;
            try
            {
                while (true)
                {
                    Table<TKey, TValue> table = MoveFor(plan);
                    BatchVerdict verdict = plan.Examine(table, table.Plan.StripeBuckets * SlotLayout<TKey, TValue>.SlotsPerBucket, _map._meta.VersionFloor);
                    if (verdict == BatchVerdict.IsUnmet)
                    {
                        return null;
                    }

                    if (verdict == BatchVerdict.IsReady && (plan.Added == 0 || HasRoomFor(table, plan.Added)))
                    {
                        return table;
                    }

                    if (IsMoving)
                    {
                        Finish();
                    }
                    else
                    {
                        BeginMove(isGrowing: true);
                    }
                }
            }
            finally
            {
                _shrinkBelow = shrinkBelow;
            }
        }

        // All units of its keys. A move may end over that, and the table is the same; no other one begins.
        private Table<TKey, TValue> MoveFor(BatchPlan<TKey, TValue> plan)
        {
            for (int index = 1; index < plan.Count; index++)
            {
                _map.Writable(this, in plan.KeyOf(index));
            }

            return _map.Writable(this, in plan.KeyOf(0));
        }
    }
}
