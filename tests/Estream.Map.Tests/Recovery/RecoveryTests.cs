using Estream.Core;
using Estream.Map.Internal;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A writer dies between two stores. The tests check which values readers get at once, and how the next writer recovers.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public RecoveryTests()
    {
        using StateMap<long, CheckedValue> map = StateMap.Open<long, CheckedValue>(_directory.Path, new MapOptions { InitialCapacity = 0 });
        map.Put(1, CheckedValue.Of(100));
        map.Put(2, CheckedValue.Of(200));
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_half_written_value_reads_as_the_old_value_and_is_undone()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            (long bucket, int slot) = dead.Find(1);
            BeginReplacing(dead, bucket, slot);
            dead.ValueOf(bucket, slot) = default;
        }

        using (StateMap<long, CheckedValue> reader = StateMap.OpenReadOnly<long, CheckedValue>(_directory.Path))
        {
            AssertValue(reader, 1, 100);
            AssertValue(reader, 2, 200);
            Assert.Equal([100, 200], reader.Select(pair => pair.Value.Operation).Order());
            Assert.False(reader.ContainsKey(3));

            // The next writer recovers while the reader reads.
            using StateMap<long, CheckedValue> writer = StateMap.Open<long, CheckedValue>(_directory.Path);
            AssertValue(reader, 1, 100);
            AssertValue(writer, 1, 100);
            Assert.False(writer.Put(1, CheckedValue.Of(101)));
            AssertValue(reader, 1, 101);
        }
    }

    [Fact]
    public void A_value_that_was_journaled_but_not_begun_stays()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            (long bucket, int slot) = dead.Find(2);
            dead.Journal.BeginValue(bucket, slot, ControlWord.BeginValue(dead.ControlOf(bucket)), in dead.ValueOf(bucket, slot));
        }

        AssertBoth(100, 200, count: 2);
    }

    [Fact]
    public void A_value_that_was_fully_replaced_stays_replaced()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            (long bucket, int slot) = dead.Find(2);
            BeginReplacing(dead, bucket, slot);
            dead.ValueOf(bucket, slot) = CheckedValue.Of(201);
            dead.ControlOf(bucket) = ControlWord.EndValue(dead.ControlOf(bucket));
        }

        AssertBoth(100, 201, count: 2);
    }

    [Fact]
    public void A_partly_written_journal_is_ignored()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            (long bucket, int slot) = dead.Find(2);
            dead.Journal.BeginValue(bucket, slot, dead.ControlOf(bucket), in dead.ValueOf(dead.Find(1).Bucket, slot));
            dead.JournalHead.Sequence++;
            dead.JournalHead.Bucket = -5;
        }

        AssertBoth(100, 200, count: 2);

        // A journal that is written afterwards is readable again.
        A_half_written_value_reads_as_the_old_value_and_is_undone();
    }

    [Fact]
    public void An_entry_that_is_visible_but_not_counted_is_counted()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            long bucket = EmptyBucket(dead);
            dead.Journal.BeginCount(bucket, ControlWord.Take(dead.ControlOf(bucket), 0), 2, 3);
            dead.KeyOf(bucket, 0) = 77;
            dead.ValueOf(bucket, 0) = CheckedValue.Of(300);
            dead.ControlOf(bucket) = ControlWord.Take(dead.ControlOf(bucket), 0);
        }

        AssertBoth(100, 200, count: 3);
    }

    [Fact]
    public void An_entry_that_was_written_but_not_made_visible_is_absent()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            long bucket = EmptyBucket(dead);
            dead.Journal.BeginCount(bucket, ControlWord.Take(dead.ControlOf(bucket), 0), 2, 3);
            dead.KeyOf(bucket, 0) = 77;
            dead.ValueOf(bucket, 0) = CheckedValue.Of(300);
        }

        AssertBoth(100, 200, count: 2);
    }

    [Fact]
    public void An_entry_that_was_removed_but_still_counted_is_subtracted()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            (long bucket, int slot) = dead.Find(2);
            long after = ControlWord.Free(dead.ControlOf(bucket), slot);
            dead.Journal.BeginCount(bucket, after, 2, 1);
            dead.ControlOf(bucket) = after;
        }

        using StateMap<long, CheckedValue> map = StateMap.Open<long, CheckedValue>(_directory.Path);
        Assert.Equal(1, map.Count);
        Assert.Equal(1, map.CountByEnumeration());
        Assert.False(map.ContainsKey(2));
    }

    [Fact]
    public void Every_operation_is_journaled_before_it_is_done()
    {
        // The tests above write the journal by hand. This test reads the journal of a real writer; the journal stays after the operation.
        using StateMap<long, CheckedValue> map = StateMap.Open<long, CheckedValue>(_directory.Path);
        using DeadWriter<long, CheckedValue> witness = new(_directory.Path);
        map.Put(3, CheckedValue.Of(300));
        (long bucket, int slot) = witness.Find(3);
        AssertAnnounced(witness, JournalKind.Count, bucket, witness.ControlOf(bucket));
        Assert.Equal((2, 3), (witness.JournalHead.CountBefore, witness.JournalHead.CountAfter));

        long before = witness.ControlOf(bucket);
        map.Put(3, CheckedValue.Of(301));
        AssertAnnounced(witness, JournalKind.Value, bucket, ControlWord.BeginValue(before));
        Assert.Equal(slot, witness.JournalHead.Slot);
        Assert.Equal(300, witness.Journal.OldValue<CheckedValue>().Operation);
        Assert.Equal(ControlWord.EndValue(ControlWord.BeginValue(before)), witness.ControlOf(bucket));

        before = witness.ControlOf(bucket);
        map.Remove(3);
        AssertAnnounced(witness, JournalKind.Count, bucket, ControlWord.Free(before, slot));
        Assert.Equal((3, 2), (witness.JournalHead.CountBefore, witness.JournalHead.CountAfter));
    }

    [Fact]
    public void Overflow_counts_for_an_entry_that_was_never_added_are_harmless()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            (long target, _) = dead.Find(2);
            long home = (target - 3 + BucketCount()) % BucketCount();
            dead.Journal.BeginCount(EmptyBucket(dead), ControlWord.Take(0, 0), 2, 3);
            for (long bucket = home; bucket != target; bucket = (bucket + 1) % BucketCount())
            {
                dead.ControlOf(bucket) = ControlWord.AddOverflow(dead.ControlOf(bucket));
            }
        }

        AssertBoth(100, 200, count: 2);
    }

    [Fact]
    public void A_search_ends_even_if_every_bucket_has_overflow()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            for (long bucket = 0; bucket < BucketCount(); bucket++)
            {
                dead.ControlOf(bucket) = ControlWord.AddOverflow(dead.ControlOf(bucket));
            }
        }

        using StateMap<long, CheckedValue> map = StateMap.Open<long, CheckedValue>(_directory.Path);
        Assert.False(map.ContainsKey(12345));
        Assert.False(map.Remove(12345));
        Assert.True(map.Put(12345, default));
    }

    [Fact]
    public void A_busy_bucket_that_the_journal_does_not_name_is_reported_as_damage()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            (long bucket, _) = dead.Find(1);
            dead.ControlOf(bucket) = ControlWord.BeginValue(dead.ControlOf(bucket));
        }

        using StateMap<long, CheckedValue> reader = StateMap.OpenReadOnly<long, CheckedValue>(_directory.Path);
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(() => reader.TryGet(1, out _));
        Assert.EndsWith("table.0001", error.Path, StringComparison.Ordinal);
        Assert.True(error.Offset > 0);
        AssertValue(reader, 2, 200);
        using StateMap<long, CheckedValue> writer = StateMap.Open<long, CheckedValue>(_directory.Path);
        Assert.Throws<EstreamCorruptionException>(() => writer.Put(1, default));
    }

    [Fact]
    public void Slots_outside_a_bucket_are_ignored()
    {
        AssertNoFurtherSlots<long, CheckedValue>(1, 2, 3);
        AssertNoFurtherSlots<long, long>(1, 2, 3);
        AssertNoFurtherSlots<long, Guid>(1, 2, 3);
        AssertNoFurtherSlots<Guid, Guid>(Guid.Empty, GuidOf(1), GuidOf(2));
        AssertNoFurtherSlots<int, int>(1, 2, 3);
    }

    [Fact]
    public void A_journal_that_names_a_missing_bucket_or_slot_is_reported_as_damage()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path))
        {
            dead.Journal.BeginCount(1L << 50, 0, 0, 0);
        }

        EstreamCorruptionException error =
            Assert.Throws<EstreamCorruptionException>(() => StateMap.Open<long, CheckedValue>(_directory.Path));
        Assert.Equal(TableLayout.JournalStart, error.Offset);
    }

    [Fact]
    public void Only_the_slot_being_written_is_read_from_the_journal()
    {
        using TempDirectory directory = new();
        using (StateMap<long, Guid> map = StateMap.Open<long, Guid>(directory.Path, new MapOptions { InitialCapacity = 0 }))
        {
            for (int key = 0; key < map.Capacity; key++)
            {
                map.Put(key, GuidOf(key));
            }
        }

        long written;
        using (DeadWriter<long, Guid> dead = new(directory.Path))
        {
            long bucket = Enumerable.Range(0, 64)
                .First(b => ControlWord.IsTaken(dead.ControlOf(b), 0) && ControlWord.IsTaken(dead.ControlOf(b), 1));
            written = dead.KeyOf(bucket, 1);
            long busy = ControlWord.BeginValue(dead.ControlOf(bucket));
            dead.Journal.BeginValue(bucket, 1, busy, in dead.ValueOf(bucket, 1));
            dead.ControlOf(bucket) = busy;
            dead.ValueOf(bucket, 1) = Guid.Empty;
        }

        using StateMap<long, Guid> reader = StateMap.OpenReadOnly<long, Guid>(directory.Path);
        for (int key = 0; key < reader.Count; key++)
        {
            Assert.True(reader.TryGet(key, out Guid value));
            Assert.Equal(GuidOf(key), value);
        }

        using StateMap<long, Guid> writer = StateMap.Open<long, Guid>(directory.Path);
        Assert.True(writer.TryGet(written, out Guid restored));
        Assert.Equal(GuidOf((int)written), restored);
    }

    private static void AssertNoFurtherSlots<TKey, TValue>(TKey first, TKey second, TKey absent)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using TempDirectory directory = new();
        using (StateMap<TKey, TValue> map = StateMap.Open<TKey, TValue>(directory.Path, new MapOptions { InitialCapacity = 0 }))
        {
            map.Put(first, default);
            map.Put(second, default);
        }

        using (DeadWriter<TKey, TValue> dead = new(directory.Path))
        {
            for (long bucket = 0; bucket < MapFormat.MinBuckets; bucket++)
            {
                for (int slot = SlotLayout<TKey, TValue>.SlotsPerBucket; slot <= ControlWord.MaxSlotsPerBucket; slot++)
                {
                    dead.ControlOf(bucket) |= 1L << ControlWord.TakenBit(slot);
                }
            }
        }

        using StateMap<TKey, TValue> again = StateMap.Open<TKey, TValue>(directory.Path);
        Assert.True(again.ContainsKey(first) && again.ContainsKey(second));
        Assert.False(again.ContainsKey(absent));
        Assert.Equal(2, again.CountByEnumeration());
        Assert.True(again.Put(absent, default));
        again.Clear();
        Assert.Equal(0, again.CountByEnumeration());
    }

    private static void AssertAnnounced(DeadWriter<long, CheckedValue> witness, JournalKind kind, long bucket, long control)
    {
        Assert.Equal(0, witness.JournalHead.Sequence % 2);
        Assert.Equal((kind, bucket, control), (witness.JournalHead.Kind, witness.JournalHead.Bucket, witness.JournalHead.Control));
    }

    private static Guid GuidOf(int key) => new(key, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private static void BeginReplacing(DeadWriter<long, CheckedValue> dead, long bucket, int slot)
    {
        long busy = ControlWord.BeginValue(dead.ControlOf(bucket));
        dead.Journal.BeginValue(bucket, slot, busy, in dead.ValueOf(bucket, slot));
        dead.ControlOf(bucket) = busy;
    }

    private static long EmptyBucket(DeadWriter<long, CheckedValue> dead)
    {
        long bucket = 0;
        while (dead.ControlOf(bucket) != 0)
        {
            bucket++;
        }

        return bucket;
    }

    private static long BucketCount() => Table<long, CheckedValue>.BucketsFor(0);

    private static void AssertValue(StateMap<long, CheckedValue> map, long key, long operation)
    {
        Assert.True(map.TryGet(key, out CheckedValue value));
        Assert.True(value.IsWhole);
        Assert.Equal(operation, value.Operation);
    }

    private void AssertBoth(long first, long second, long count)
    {
        using StateMap<long, CheckedValue> reader = StateMap.OpenReadOnly<long, CheckedValue>(_directory.Path);
        AssertValue(reader, 1, first);
        AssertValue(reader, 2, second);
        using StateMap<long, CheckedValue> writer = StateMap.Open<long, CheckedValue>(_directory.Path);
        AssertValue(writer, 1, first);
        AssertValue(writer, 2, second);
        Assert.Equal(count, writer.Count);
        Assert.Equal(count, writer.CountByEnumeration());
        AssertValue(reader, 2, second);
    }
}
