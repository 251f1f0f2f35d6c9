using Estream.Core;
using Estream.Map.Internal;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>One of several writers died between two stores while it held a lock, and another writer has the map open. The tests check which
/// values readers get before any recovery, and how the living writer recovers.</summary>
public sealed class MultiWriterRecoveryTests : IDisposable
{
    private const int Keys = 300;

    private readonly TempDirectory _directory = new();
    private readonly StateMap<long, CheckedValue> _living;
    private readonly StateMap<long, CheckedValue> _reader;
    private readonly long _dead;

    public MultiWriterRecoveryTests()
    {
        _living = Open();
        _reader = StateMap.OpenReadOnly<long, CheckedValue>(_directory.Path);
        for (long key = 0; key < Keys; key++)
        {
            _living.Put(key, CheckedValue.Of(key));
        }

        Eventually.True(() => !_living.Put(1, CheckedValue.Of(1)) && Directory.GetFiles(_directory.Path, "table.*").Length == 1,
            "the map has grown");

        _dead = DeadOwner(_directory.Path);
    }

    public void Dispose()
    {
        _reader.Dispose();
        _living.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_half_written_value_reads_as_the_old_value_and_is_undone()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path, Generation()))
        {
            long stripe = Lock(dead, 7, out long bucket, out int slot);
            long busy = ControlWord.BeginValue(dead.ControlOf(bucket));
            dead.JournalOf(stripe).BeginValue(bucket, slot, busy, in dead.ValueOf(bucket, slot));
            dead.ControlOf(bucket) = busy;
            dead.ValueOf(bucket, slot) = default;
        }

        AssertAll(_reader);
        AssertAll(_living);
        Assert.Equal(0, _living.GetStatistics().Takeovers);
        Assert.False(_living.Put(7, CheckedValue.Of(77)));
        Assert.Equal(1, _living.GetStatistics().Takeovers);
        Assert.True(_reader.TryGet(7, out CheckedValue value) && value.IsWhole && value.Operation == 77);
        Assert.False(_living.Put(7, CheckedValue.Of(7)));
        AssertAll(_reader);
        Assert.Equal(1, _living.GetStatistics().Takeovers);
    }

    [Fact]
    public void A_neighbour_of_a_half_written_value_is_written_after_the_undo()
    {
        using DeadWriter<long, CheckedValue> dead = new(_directory.Path, Generation());
        long stripe = Lock(dead, 7, out long bucket, out int slot);
        long busy = ControlWord.BeginValue(dead.ControlOf(bucket));
        dead.JournalOf(stripe).BeginValue(bucket, slot, busy, in dead.ValueOf(bucket, slot));
        dead.ControlOf(bucket) = busy;
        dead.ValueOf(bucket, slot) = CheckedValue.Of(1_000);
        long neighbour = dead.KeysOf(stripe).First(key => key != 7);
        Assert.True(_living.Remove(neighbour));
        Assert.True(_reader.TryGet(7, out CheckedValue value) && value.IsWhole && value.Operation == 7);
        Assert.False(ControlWord.IsBusy(dead.ControlOf(bucket)));
        Assert.Equal(Keys - 1, _living.Count);
    }

    [Fact]
    public void Entries_that_a_dead_writer_added_or_removed_but_did_not_count_are_counted()
    {
        using DeadWriter<long, CheckedValue> dead = new(_directory.Path, Generation());
        long stripe = Lock(dead, 9, out long bucket, out int slot);
        dead.ControlOf(bucket) = ControlWord.Free(dead.ControlOf(bucket), slot);
        long other = dead.KeysOf(stripe).First();
        Assert.Equal(Keys, _living.Count);
        Assert.False(_living.Put(other, CheckedValue.Of(other)));
        Assert.Equal(Keys - 1, _living.Count);
        Assert.False(_living.ContainsKey(9));
        Assert.True(_living.Put(9, CheckedValue.Of(9)));
        AssertAll(_reader);
    }

    [Fact]
    public void A_writer_that_opens_the_map_alone_releases_all_locks()
    {
        using (DeadWriter<long, CheckedValue> dead = new(_directory.Path, Generation()))
        {
            for (long key = 0; key < Keys; key += 10)
            {
                long stripe = Lock(dead, key, out long bucket, out int slot);
                long busy = ControlWord.BeginValue(dead.ControlOf(bucket));
                if (!ControlWord.IsBusy(dead.ControlOf(bucket)) && ControlWord.IsBusy(busy)
                    && dead.JournalHeadOf(stripe).Kind == JournalKind.None)
                {
                    dead.JournalOf(stripe).BeginValue(bucket, slot, busy, in dead.ValueOf(bucket, slot));
                    dead.ControlOf(bucket) = busy;
                    dead.ValueOf(bucket, slot) = default;
                }
            }
        }

        _living.Dispose();
        AssertAll(_reader);
        using (StateMap<long, CheckedValue> one = StateMap.Open<long, CheckedValue>(_directory.Path))
        {
            AssertAll(one);
            Assert.All(Enumerable.Range(0, Keys), key => Assert.False(one.Put(key, CheckedValue.Of(key))));
        }

        using StateMap<long, CheckedValue> again = Open();
        Assert.All(Enumerable.Range(0, Keys), key => Assert.False(again.Put(key, CheckedValue.Of(key))));
        AssertAll(again);
        Assert.Equal(0, again.GetStatistics().Takeovers);
    }

    [Fact]
    public void A_stripe_half_migrated_by_a_dead_writer_is_migrated_again()
    {
        // The map has one stripe, which must migrate. The dead writer had locked the stripe and copied a wrong entry.
        using TempDirectory other = new();
        using StateMap<long, long> living =
            StateMap.Open<long, long>(other.Path, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
        long key = 0;
        while (Directory.GetFiles(other.Path, "table.*").Length == 1)
        {
            living.Put(key, key);
            key++;
        }

        using (DeadWriter<long, long> before = new(other.Path))
        using (DeadWriter<long, long> after = new(other.Path, generation: 2))
        {
            Assert.Equal(TableLayout.StripeIsHere, before.StateOf(0));
            before.LockOf(0) = DeadOwner(other.Path);
            after.BegunOf(0) = 1;
            after.KeyOf(5, 0) = 123_456;
            after.ControlOf(5) = ControlWord.Take(after.ControlOf(5), 0);
            after.CountOf(0) = 1;
        }

        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(other.Path);
        Assert.Equal(key, reader.CountByEnumeration());
        Assert.True(living.Put(key, key));
        Assert.Equal(key + 1, living.Count);
        Assert.Equal(key + 1, reader.Count(pair => pair.Key == pair.Value));
        Assert.Equal(1, living.GetStatistics().Takeovers);
    }

    [Fact]
    public void A_unit_partly_marked_by_a_dead_writer_gets_its_other_marks_before_a_write()
    {
        // Two stripes become one: all entries of both are in the next table, and only the first stripe is marked.
        using TempDirectory other = new();
        using StateMap<long, long> living =
            StateMap.Open<long, long>(other.Path, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
        for (long key = 0; key < 8_000; key++)
        {
            living.Put(key, key);
        }

        Eventually.True(() => !living.Put(1, 1) && Directory.GetFiles(other.Path, "table.*").Length == 1, "the map has grown");
        for (long last = 7_999; Directory.GetFiles(other.Path, "table.*").Length == 1; last--)
        {
            Assert.True(last > 100);
            living.Remove(last);
        }

        living.Put(1, 1);
        using DeadWriter<long, long> dead = new(other.Path, Generation(other.Path));
        long unit = Enumerable.Range(0, (int)dead.StripeCount / 2).First(each => dead.StateOf(each * 2) != TableLayout.StripeIsHere);
        dead.StateOf((unit * 2) + 1) = TableLayout.StripeIsHere;
        dead.LockOf(unit * 2) = DeadOwner(other.Path);
        dead.LockOf((unit * 2) + 1) = dead.LockOf(unit * 2);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(other.Path);
        long hidden = dead.KeysOf((unit * 2) + 1).First();
        Assert.False(living.Put(hidden, -5));
        Assert.True(living.TryGet(hidden, out long value) && value == -5, "what was written is hidden");
        Assert.True(reader.TryGet(hidden, out value) && value == -5);
    }

    [Fact]
    public void A_lock_word_of_a_writer_that_never_existed_counts_as_that_of_a_dead_writer()
    {
        using DeadWriter<long, CheckedValue> dead = new(_directory.Path, Generation());
        foreach (long word in new[] { -1, long.MinValue, 0xFFFF, OwnerWord.Of(200, 0), OwnerWord.Of(3, 99) })
        {
            long stripe = Lock(dead, 5, out _, out _);
            dead.LockOf(stripe) = word;
            Assert.False(_living.Put(5, CheckedValue.Of(5)));
            Assert.Equal(0, dead.LockOf(stripe));
        }
    }

    private static void AssertAll(StateMap<long, CheckedValue> map)
    {
        for (long key = 0; key < Keys; key++)
        {
            Assert.True(map.TryGet(key, out CheckedValue value) && value.IsWhole && value.Operation == key, $"key {key}");
        }

        Assert.Equal(Keys, map.Count(pair => pair.Value.IsWhole && pair.Value.Operation == pair.Key));
    }

    private long Lock(DeadWriter<long, CheckedValue> dead, long key, out long bucket, out int slot)
    {
        (bucket, slot) = dead.Find(key);
        long stripe = dead.StripeOf(bucket);
        dead.LockOf(stripe) = _dead;
        return stripe;
    }

    // Returns the owner word of a writer slot that was taken and released.
    private static long DeadOwner(string directory)
    {
        MemoryRegion region = FileStorage.Instance.OpenRegion(Path.Combine(directory, WriterRegistryLayout.File), RegionAccess.ReadWrite);
        using var slots = new WriterSlots(FileStorage.Instance, region, Path.Combine(directory, WriterRegistryLayout.LockDirectory));
        using WriterSlot slot = slots.Take(_ => true, "test");
        return OwnerWord.Of(slot.Number, slot.Epoch);
    }

    private long Generation() => Generation(_directory.Path);

    private static long Generation(string directory)
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(Path.Combine(directory, MapFormat.MetaFile), RegionAccess.ReadOnly);
        return MapState.GenerationOf(meta.All.ReadInt64(MetaLayout.State), MapFormat.Version);
    }

    private StateMap<long, CheckedValue> Open() =>
        StateMap.Open<long, CheckedValue>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
}
