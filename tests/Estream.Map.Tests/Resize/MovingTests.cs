using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A map during a resize: its content at every step for readers and writers, and how little work one call does for the
/// resize.</summary>
public sealed class MovingTests : IDisposable
{
    // A table of 4096 buckets is four stripes of 1024.
    private const long FourStripes = 4096 * 3 / 2;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void No_call_migrates_more_than_two_stripes()
    {
        using StateMap<long, long> map = Open(FourStripes * 4);
        long capacity = Fill(map);
        using DeadWriter<long, long> witness = new(_directory.Path);
        Assert.Equal(16, witness.StripeCount);
        long moved = 0;
        for (long key = capacity; moved < witness.StripeCount; key++)
        {
            // The resize begins when a separate thread has created the larger table.
            Assert.InRange(key, capacity, capacity * 2);
            Assert.True(map.Put(key, key));
            long now = Moved(witness);
            Assert.InRange(now - moved, 0, 2);
            moved = now;
            Assert.Equal(key + 1, map.Count);
        }

        // At the end a separate thread flushes the new table.
        Assert.Equal(witness.StripeCount, moved);
        Eventually.True(() => !map.Put(1, 1) && Tables() is [var only] && only == MapFormat.TableFile(2), "the old table is gone");
        Assert.All(Enumerable.Range(0, (int)capacity), key => Assert.True(map.TryGet(key, out long value) && value == key));
    }

    [Fact]
    public void A_put_does_not_wait_for_a_larger_table_that_is_being_created()
    {
        using SlowStorage storage = new();
        using StateMap<long, long> map = Open(FourStripes * 4, storage);
        storage.SlowFile = MapFormat.TableFile(2);
        long capacity = Fill(map);
        for (long key = capacity; key < capacity / 4 * 5; key++)
        {
            Assert.True(map.Put(key, key));
        }

        Assert.Equal(capacity, map.Capacity);
        Assert.Equal(capacity / 4 * 5, map.CountByEnumeration());
        storage.GoOn();
        GrowsFrom(map, capacity / 4 * 5);
    }

    [Fact]
    public void A_put_does_not_wait_for_the_flush_of_the_new_table()
    {
        using SlowStorage storage = new();
        using StateMap<long, long> map = Open(FourStripes * 4, storage);

        // Delays the deletion of the old table: the last step of a resize, done by the thread that has flushed the new table.
        storage.SlowFile = MapFormat.TableFile(1);
        long capacity = Fill(map);
        long key = GrowsFrom(map, capacity);
        capacity = map.Capacity;
        for (; key < capacity / 4 * 5; key++)
        {
            Assert.True(map.Put(key, key));
        }

        Assert.Equal(capacity, map.Capacity);
        Assert.Contains(MapFormat.TableFile(1), Tables());
        storage.GoOn();
        GrowsFrom(map, key);
    }

    [Fact]
    public void Writes_that_add_no_entry_finish_a_resize()
    {
        using StateMap<long, long> map = Open(FourStripes);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        long capacity = Fill(map);
        map.Put(capacity, capacity);
        Assert.Equal(2, Tables().Length);
        for (int i = 0; Tables().Length > 1; i++)
        {
            Assert.InRange(i, 0, 1_000);
            map.Put(1, 1);
            Assert.True(reader.TryGet(capacity, out long value) && value == capacity);
            Assert.Equal(capacity + 1, reader.Count);
        }

        Assert.Equal(capacity + 1, reader.CountByEnumeration());
    }

    [Fact]
    public void Clearing_a_map_that_is_about_to_shrink_creates_no_smaller_table()
    {
        CreationStorage storage = new();
        using (StateMap<long, long> map = StateMap.Open<long, long>(_directory.Path, new MapOptions { Storage = storage }))
        {
            for (long key = 0; key < 100_000; key++)
            {
                map.Put(key, key);
            }

            // After this loop, one more removal lets the map shrink. The map checks its size only after the migration that
            // CreateSnapshot starts has ended.
            for (long key = 99_999; key >= map.Capacity / 8; key--)
            {
                map.Remove(key);
            }

            map.CreateSnapshot().Dispose();
            map.Remove(0);
            storage.Created.Clear();
            map.Clear();
        }

        // Clear creates one table. A smaller table created by another thread would have the same name, and the later table would take the
        // file from the earlier one.
        Assert.Single(storage.Created);
    }

    [Fact]
    public void A_nearly_empty_map_releases_its_memory()
    {
        using StateMap<long, long> map = Open(0);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        for (long key = 0; key < 20_000; key++)
        {
            map.Put(key, key);
        }

        long largest = map.Capacity;
        for (long key = 0; key < 19_990; key++)
        {
            Assert.True(map.Remove(key));
            Assert.True(reader.TryGet(19_999, out long value) && value == 19_999);
        }

        Eventually.True(() => !map.Put(19_999, 19_999) && map.Capacity <= largest / 16 && Tables().Length == 1,
            "the map has gone to a small table");
        Assert.Equal(10, map.Count);
        Assert.Equal(Enumerable.Range(19_990, 10).Select(key => (long)key), reader.Select(pair => pair.Key).Order());
    }

    [Fact]
    public void Enumeration_returns_stable_entries_once_while_the_map_grows_and_shrinks()
    {
        using StateMap<long, long> map = Open(0);
        for (long key = 0; key < 200; key++)
        {
            map.Put(key, 1);
        }

        List<long> seen = [];
        long stranger = 1_000;
        long gone = 1_000;
        HashSet<long> capacities = [];
        long capacity = 0;
        int shrinks = 0;
        foreach ((long key, _) in map)
        {
            if (key >= 200)
            {
                continue;
            }

            seen.Add(key);
            capacities.Add(map.Capacity);
            shrinks += map.Capacity < capacity ? 1 : 0;
            capacity = map.Capacity;
            for (int i = 0; i < 100; i++)
            {
                if (seen.Count < 100)
                {
                    map.Put(stranger++, 2);
                }
                else if (gone < stranger)
                {
                    map.Remove(gone++);
                }
            }
        }

        Assert.True(capacities.Count > 5 && shrinks > 2, $"the map is to grow and to shrink meanwhile: {capacities.Count}, {shrinks}");
        Assert.Equal(Enumerable.Range(0, 200).Select(key => (long)key), seen.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_map_matches_a_dictionary_through_growth_shrinking_crashes_and_reopening(int seed)
    {
        Random random = new(seed);
        Dictionary<long, long> model = [];
        string directory = _directory.Combine("0");
        StateMap<long, long> map = StateMap.Open<long, long>(directory, new MapOptions { InitialCapacity = 0 });
        int places = 0;
        for (int operation = 0; operation < LongRun.Count(400_000, 8_000_000); operation++)
        {
            // Operations come in waves: mostly additions, then mostly removals.
            bool isRising = operation / 60_000 % 2 == 0;
            long key = random.Next(40_000);
            if (random.Next(10) < (isRising ? 8 : 1))
            {
                Assert.Equal(model.TryAdd(key, operation), map.Put(key, operation));
                model[key] = operation;
            }
            else
            {
                Assert.Equal(model.Remove(key), map.Remove(key));
            }

            long probe = random.Next(40_000);
            Assert.Equal(model.TryGetValue(probe, out long expected), map.TryGet(probe, out long actual));
            Assert.Equal(expected, actual);
            if (random.Next(20_000) == 0)
            {
                map = Again(map, ref directory, ref places, isKilled: random.Next(2) == 0);
                AssertIs(model, map);
            }
        }

        AssertIs(model, map);
        map.Dispose();
    }

    [Fact]
    public void A_stripe_is_migrated_again_after_its_writer_was_killed()
    {
        using (StateMap<long, long> map = Open(FourStripes))
        {
            long capacity = Fill(map);
            map.Put(capacity, capacity);
        }

        // Simulates a half-migrated stripe: the next table has some entries already, among them a key that is present twice and an old
        // value.
        long unmoved;
        using (DeadWriter<long, long> before = new(_directory.Path))
        using (DeadWriter<long, long> after = new(_directory.Path, generation: 2))
        {
            unmoved = Enumerable.Range(0, 4).First(stripe => before.StateOf(stripe) == TableLayout.StripeIsHere);
            for (long bucket = unmoved * 2048; bucket < (unmoved + 1) * 2048; bucket += 2)
            {
                after.ControlOf(bucket) = ControlWord.Take(ControlWord.Take(after.ControlOf(bucket), 0), 1);
                after.KeyOf(bucket, 0) = 1;
                after.KeyOf(bucket, 1) = -bucket;
                after.ValueOf(bucket, 0) = -1;
            }

            after.CountOf(unmoved * 2) = 55;
        }

        using StateMap<long, long> again = Open(0);
        long count = again.Count;
        Assert.Equal(count, again.CountByEnumeration());
        for (int i = 0; i < 1_000; i++)
        {
            again.Put(1, 1);
        }

        Assert.Equal([MapFormat.TableFile(2)], Tables());
        Assert.Equal(count, again.CountByEnumeration());
        Assert.All(Enumerable.Range(0, (int)count), key => Assert.True(again.TryGet(key, out long value) && value == key));
    }

    private static StateMap<long, long> Again(StateMap<long, long> map, ref string directory, ref int places, bool isKilled)
    {
        if (isKilled)
        {
            string source = directory;
            string copy = Path.Combine(Path.GetDirectoryName(directory)!, $"{++places}");
            KilledCopy.Make(source, copy);
            map.Dispose();
            Directory.Delete(directory, recursive: true);
            directory = copy;
        }
        else
        {
            map.Dispose();
        }

        return StateMap.Open<long, long>(directory, new MapOptions { InitialCapacity = 0 });
    }

    private static void AssertIs(Dictionary<long, long> model, StateMap<long, long> map)
    {
        Assert.Equal(model.Count, map.Count);
        Dictionary<long, long> found = map.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.Equal(model.Count, found.Count);
        Assert.All(model, pair => Assert.Equal(pair.Value, found[pair.Key]));
    }

    private static long Moved(DeadWriter<long, long> witness)
    {
        long moved = 0;
        for (long stripe = 0; stripe < witness.StripeCount; stripe++)
        {
            moved += witness.StateOf(stripe) == TableLayout.StripeIsHere ? 0 : 1;
        }

        return moved;
    }

    private static long Fill(StateMap<long, long> map)
    {
        long capacity = map.Capacity;
        for (long key = 0; key < capacity; key++)
        {
            map.Put(key, key);
        }

        Assert.Equal(capacity, map.Capacity);
        return capacity;
    }

    // Puts entries until the map migrates to a larger table, and searches for every key.
    private static long GrowsFrom(StateMap<long, long> map, long key)
    {
        long capacity = map.Capacity;
        for (; map.Capacity == capacity; key++)
        {
            Assert.InRange(key, 0, capacity * 2);
            Assert.True(map.Put(key, key));
        }

        Assert.All(Enumerable.Range(0, (int)key), each => Assert.True(map.TryGet(each, out long value) && value == each));
        Assert.Equal(key, map.Count);
        return key;
    }

    private StateMap<long, long> Open(long capacity) =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = capacity });

    private StateMap<long, long> Open(long capacity, SlowStorage storage) =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = capacity, Storage = storage });

    private string[] Tables() => [.. Directory.GetFiles(_directory.Path, "table.*").Select(file => Path.GetFileName(file))];
}
