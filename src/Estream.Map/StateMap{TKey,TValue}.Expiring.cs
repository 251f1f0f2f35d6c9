using Estream.Map.Internal;

namespace Estream.Map;

// What takes entries away whose time is over, a little at a time. It goes through the table by runs of buckets, one after the other,
// wherever the writers are; while the map moves, which the writes bring to an end, it waits.
public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>Whether there may be entries whose time ends.</summary>
    internal bool HasExpiring => _meta.HasExpiring;

    /// <summary>Says that there are.</summary>
    internal void NoteExpiring()
    {
        RequireWritable();
        if (!_meta.HasExpiring)
        {
            _meta.NoteExpiring();
        }
    }

    /// <summary>Looks at the next run of buckets and removes what the test says has to go.</summary>
    internal void ExpireSome<TTest>(ref TTest test)
        where TTest : struct, IEntryTest<TValue>
    {
        TablePair<TKey, TValue> tables = Tables();
        if (tables.Next is not null)
        {
            return;
        }

        long first = _meta.NextRun() * Table<TKey, TValue>.BucketsPerRun & (tables.Current.Plan.BucketCount - 1);
        if (_mover is null)
        {
            Many().ExpireRun(tables, first, ref test);
            return;
        }

        int removed = 0;
        try
        {
            ExpireRun(tables.Current, first, ref test, ref removed);
        }
        finally
        {
            for (; removed > 0; removed--)
            {
                _mover.AfterRemove();
            }
        }
    }

    private void ExpireRun<TTest>(Table<TKey, TValue> table, long first, ref TTest test, ref int removed)
        where TTest : struct, IEntryTest<TValue>
    {
        for (long bucket = first; bucket < first + Table<TKey, TValue>.BucketsPerRun; bucket++)
        {
            for (int slot = 0; table.TryFind(bucket, ref slot, ref test, out TKey key, out EntryPlace place); slot++)
            {
                removed -= Perform(table, in place, in key, EntryOutcome.Expire, value: default, version: 0);
            }
        }

        GC.KeepAlive(table);
    }

    private sealed partial class ManyWriters
    {
        // A stripe that somebody has locked, dead or alive, is left for another time: no write has to wait for this.
        public void ExpireRun<TTest>(TablePair<TKey, TValue> tables, long first, ref TTest test)
            where TTest : struct, IEntryTest<TValue>
        {
            WriterHand hand = _roster.Rent();
            try
            {
                Table<TKey, TValue> table = tables.Current;
                long stripe = table.StripeOfBucket(first);
                if (table.TryLock(stripe, hand.Word))
                {
                    Note(table, -ExpireLocked(tables, stripe, first, ref test), table.EntriesOf(stripe));
                }
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        private int ExpireLocked<TTest>(TablePair<TKey, TValue> tables, long stripe, long first, ref TTest test)
            where TTest : struct, IEntryTest<TValue>
        {
            int removed = 0;
            try
            {
                // Not when the map has begun to move meanwhile: what lies here may not be what counts.
                if (_map._state.ReadAcquire() == tables.State)
                {
                    _map.ExpireRun(tables.Current, first, ref test, ref removed);
                }

                return removed;
            }
            finally
            {
                tables.Current.Unlock(stripe);
            }
        }
    }
}
