using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A writer dies at each store of a batch in turn. Readers see each key with its old or its new value, and the next writer finds
/// all of the batch or nothing.</summary>
public sealed class MapBatchRecoveryTests : IDisposable
{
    private const int Keys = 40;

    // The map has enough stripes that the keys of the batch are in several of them.
    private const long Capacity = 5_000;

    private static readonly long[] s_replaced = [1, 2, 7];
    private static readonly long[] s_added = [100, 101, 102];
    private static readonly long[] s_removed = [3, 4, 9];

    private readonly TempDirectory _directory = new();

    public enum Successor
    {
        /// <summary>Another of several writers, which has the map open, accesses one of the keys.</summary>
        Neighbour,

        /// <summary>Another of several writers creates a snapshot.</summary>
        Snapshot,

        /// <summary>Another of several writers takes the slot of the dead one.</summary>
        Heir,

        /// <summary>Another of several writers closes the map as the last one.</summary>
        Last,

        /// <summary>A writer opens the map alone, in the mode for several writers.</summary>
        OneOfMany,

        /// <summary>The single writer died, and the next one opens the map.</summary>
        One,
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(Successor.Neighbour)]
    [InlineData(Successor.Snapshot)]
    [InlineData(Successor.Heir)]
    [InlineData(Successor.Last)]
    [InlineData(Successor.OneOfMany)]
    [InlineData(Successor.One)]
    public void A_batch_is_applied_whole_or_not_at_all_wherever_its_writer_dies(Successor next)
    {
        if (next is Successor.Neighbour or Successor.One)
        {
            KillAtEach(next, number => number, -1L);
        }

        KillAtEach(next, number => new Guid((int)number, 0, 0, BitConverter.GetBytes(number)), new Guid(-1, -1, -1, new byte[8]));
    }

    [Fact]
    public void A_damaged_batch_log_is_reported_and_its_keys_stay_locked()
    {
        using StateMap<long, long> living = Make<long>(_directory.Path, number => number, MapWriters.Many);
        using DeadBatch<long> dead = Dead(_directory.Path, number => number, isAlone: false);
        dead.Lock();
        dead.WriteLog(dead.Meta.ReadInt64(MetaLayout.WriterEpoch));
        dead.CommitLog();
        string log = Directory.GetFiles(_directory.Combine(BatchLayout.Directory)).Single();
        byte[] bytes = File.ReadAllBytes(log);
        bytes[BatchLayout.HeaderBytes + BatchLayout.KeyOffset] ^= 1;
        File.WriteAllBytes(log, bytes);
        Assert.Throws<EstreamCorruptionException>(() => living.Put(1, 5));
        Assert.Throws<EstreamCorruptionException>(() => living.Remove(1));
        Assert.Throws<EstreamCorruptionException>(() => living.TryGetTogether([1, 100], new long[2], new bool[2]));
        Assert.True(living.TryGet(1, out long value) && value == 1);
        bytes[BatchLayout.HeaderBytes + BatchLayout.KeyOffset] ^= 1;
        File.WriteAllBytes(log, bytes);
        Assert.False(living.Put(1, 5));
        Assert.True(living.TryGet(100, out value) && value == -100);
    }

    [Fact]
    public void The_batch_log_of_another_table_is_reported()
    {
        using StateMap<long, long> living = Make<long>(_directory.Path, number => number, MapWriters.Many);
        using DeadBatch<long> dead = Dead(_directory.Path, number => number, isAlone: false);
        dead.Lock();
        dead.WriteLog(dead.Meta.ReadInt64(MetaLayout.WriterEpoch), generationsOff: 7);
        dead.CommitLog();
        Assert.Throws<EstreamCorruptionException>(() => living.Put(1, 5));
        using MapBatch<long, long> own = living.CreateBatch();
        Assert.Throws<EstreamCorruptionException>(() => living.CreateBatch());
        dead.Log!.End();
    }

    [Fact]
    public void The_batch_log_of_an_earlier_opening_is_ignored_and_removed()
    {
        Make<long>(_directory.Path, number => number, MapWriters.One).Dispose();
        using (DeadBatch<long> dead = Dead(_directory.Path, number => number, isAlone: true))
        {
            dead.Lock();
            dead.WriteLog(dead.Meta.ReadInt64(MetaLayout.WriterEpoch) - 1);
            dead.CommitLog();
        }

        using (StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path))
        {
            AssertTogether(reader, isDone: false, number => number);
        }

        using StateMap<long, long> map = Open<long>(_directory.Path, MapWriters.One);
        AssertIs(map, isDone: false, number => number);
        Assert.Empty(Directory.GetFiles(_directory.Combine(BatchLayout.Directory)));
    }

    [Fact]
    public void Readers_ignore_the_batch_log_of_another_boot()
    {
        Make<long>(_directory.Path, number => number, MapWriters.One).Dispose();
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        using DeadBatch<long> dead = Dead(_directory.Path, number => number, isAlone: true);
        dead.Lock();
        dead.WriteLog(dead.Meta.ReadInt64(MetaLayout.WriterEpoch));
        dead.CommitLog();
        AssertTogether(reader, isDone: true, number => number);
        dead.Meta.WriteInt64(MetaLayout.BootId, 4711);
        AssertTogether(reader, isDone: false, number => number);
    }

    [Fact]
    public void A_partly_created_batch_log_is_created_again_and_a_foreign_file_is_reported()
    {
        Directory.CreateDirectory(_directory.Combine(BatchLayout.Directory));
        using StateMap<long, long> living = Make<long>(_directory.Path, number => number, MapWriters.Many);
        using DeadBatch<long> allowing = Dead(_directory.Path, number => number, isAlone: false);
        string log = _directory.Combine(BatchLayout.File(0));
        File.WriteAllBytes(log, new byte[4096]);
        using (MapBatch<long, long> batch = living.CreateBatch())
        {
            batch.Put(1, 17);
            Assert.True(batch.Commit());
        }

        Assert.True(living.TryGet(1, out long value) && value == 17);
        File.WriteAllBytes(log, [.. Enumerable.Repeat((byte)7, 4096)]);
        Assert.Throws<EstreamCorruptionException>(() => living.CreateBatch());
        File.WriteAllBytes(log, [1]);
        living.CreateBatch().Dispose();
    }

    /// <summary>Programs that do not know batch logs would apply only a part of a batch. The first batch sets a flag that makes them
    /// refuse the map; a crash leaves the flag set or not set.</summary>
    [Fact]
    public void Older_programs_refuse_the_map_from_the_first_batch_on()
    {
        using StateMap<long, long> map = Open<long>(_directory.Path, MapWriters.One);
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(MapFormat.MetaFile), RegionAccess.ReadWrite);
        int checksum = meta.All.ReadInt32(MetaLayout.Checksum);
        Assert.Equal(0, meta.All.ReadInt32(MetaLayout.Features));
        using (map.CreateBatch())
        {
        }

        Assert.Equal(MetaLayout.FeatureBatches, meta.All.ReadInt32(MetaLayout.Features));
        Assert.Equal((int)Crc32C.Compute(meta.All.ReadOnlySpan(0, MetaLayout.Checksum)), meta.All.ReadInt32(MetaLayout.Checksum));
        Assert.NotEqual(checksum, meta.All.ReadInt32(MetaLayout.Checksum));

        meta.All.WriteInt32(MetaLayout.Checksum, checksum);
        using (StateMap.OpenReadOnly<long, long>(_directory.Path))
        using (map.CreateBatch())
        {
            Assert.Equal((int)Crc32C.Compute(meta.All.ReadOnlySpan(0, MetaLayout.Checksum)), meta.All.ReadInt32(MetaLayout.Checksum));
        }

        meta.All.WriteInt32(MetaLayout.Features, MetaLayout.FeatureBatches | 4);
        Assert.Throws<EstreamCorruptionException>(() => StateMap.OpenReadOnly<long, long>(_directory.Path));
        meta.All.WriteInt32(MetaLayout.Checksum, (int)Crc32C.Compute(meta.All.ReadOnlySpan(0, MetaLayout.Checksum)));
        Assert.Throws<EstreamFormatException>(() => StateMap.OpenReadOnly<long, long>(_directory.Path));
    }

    private static void KillAtEach<TValue>(Successor next, Func<long, TValue> make, TValue half)
        where TValue : unmanaged
    {
        int steps = int.MaxValue;
        for (int step = 1; step <= steps; step++)
        {
            using TempDirectory directory = new();
            bool isAlone = next == Successor.One;
            StateMap<long, TValue>? living = Make(directory.Path, make, isAlone ? MapWriters.One : MapWriters.Many);
            if (next is Successor.One or Successor.OneOfMany)
            {
                living.Dispose();
                living = null;
            }

            using StateMap<long, TValue> reader = StateMap.OpenReadOnly<long, TValue>(directory.Path);
            AssertTogether(reader, isDone: false, make);
            using DeadBatch<TValue> dead = Dead(directory.Path, make, isAlone);
            List<(string Name, Action Do)> all = dead.Steps(half);
            steps = all.Count;
            all.Take(step).ToList().ForEach(each => each.Do());
            int done = all.FindIndex(each => each.Name == "commit") + 1;
            try
            {
                AssertEachIsOldOrNew(reader, make);
                AssertTogether(reader, step >= done, make);
                using StateMap<long, TValue> after = Repair(directory.Path, next, living, reader, step >= done, make);
                AssertIs(after, step >= done, make);
                AssertIs(reader, step >= done, make);
                AssertIsWritable(after, make);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"killed behind '{all[step - 1].Name}', values of {typeof(TValue)}", failure);
            }
        }

        Assert.InRange(steps, 30, 40);
    }

    private static StateMap<long, TValue> Repair<TValue>(
        string directory, Successor next, StateMap<long, TValue>? living, StateMap<long, TValue> reader, bool isDone,
        Func<long, TValue> make)
        where TValue : unmanaged
    {
        switch (next)
        {
            case Successor.Neighbour:
                // Accesses only the last key of the batch; the other keys are then updated as well.
                var look = new Look<TValue>();
                living!.Update(9, ref look);
                AssertIs(reader, isDone, make);
                return living;
            case Successor.Snapshot:
                using (MapSnapshot<long, TValue> snapshot = living!.CreateSnapshot())
                {
                    Assert.Equal(Expected(isDone, make), snapshot.OrderBy(pair => pair.Key));
                }

                return living;
            case Successor.Heir:
                using (living!.CreateBatch())
                using (living.CreateBatch())
                {
                    AssertIs(reader, isDone, make, isCounted: false);
                }

                return living;
            case Successor.Last:
                living!.Dispose();
                AssertIs(reader, isDone, make, isCounted: false);
                return Open<TValue>(directory, MapWriters.Many);
            default:
                // The first writer dies as soon as it has opened the map.
                KillableStorage storage = new();
                MapWriters writers = next == Successor.One ? MapWriters.One : MapWriters.Many;
                _ = StateMap.Open<long, TValue>(directory, new MapOptions { Writers = writers, Storage = storage });
                storage.Kill();
                return Open<TValue>(directory, writers);
        }
    }

    private static StateMap<long, TValue> Make<TValue>(string directory, Func<long, TValue> make, MapWriters writers)
        where TValue : unmanaged
    {
        // Entries stored by hand go into the home bucket of a key. With the seed of this storage each of them has a free slot.
        var options = new MapOptions { InitialCapacity = Capacity, Writers = writers, Storage = new SameSeedStorage() };
        StateMap<long, TValue> map = StateMap.Open<long, TValue>(directory, options);
        for (long key = 0; key < Keys; key++)
        {
            map.Put(key, make(key));
        }

        return map;
    }

    private static StateMap<long, TValue> Open<TValue>(string directory, MapWriters writers)
        where TValue : unmanaged =>
        StateMap.Open<long, TValue>(directory, new MapOptions { InitialCapacity = Capacity, Writers = writers });

    private static DeadBatch<TValue> Dead<TValue>(string directory, Func<long, TValue> make, bool isAlone)
        where TValue : unmanaged
    {
        var dead = new DeadBatch<TValue>(directory, isAlone ? OwnerWord.Of(0, 1) : DeadWord(directory), isAlone);
        for (int index = 0; index < s_replaced.Length; index++)
        {
            dead.Plan.Put(s_replaced[index], make(-s_replaced[index]));
            dead.Plan.Put(s_added[index], make(-s_added[index]));
            dead.Plan.Remove(s_removed[index]);
        }

        return dead;
    }

    // Returns the owner word of a writer slot that was taken and released. The slot is always the first free slot, and has another epoch
    // each time.
    private static long DeadWord(string directory)
    {
        string registry = Path.Combine(directory, WriterRegistryLayout.File);
        if (!File.Exists(registry))
        {
            return OwnerWord.Of(0, 1);
        }

        MemoryRegion region = FileStorage.Instance.OpenRegion(registry, RegionAccess.ReadWrite);
        using var slots = new WriterSlots(FileStorage.Instance, region, Path.Combine(directory, WriterRegistryLayout.LockDirectory));
        using WriterSlot slot = slots.Take(_ => true, "test");
        return OwnerWord.Of(slot.Number, slot.Epoch);
    }

    private static void AssertEachIsOldOrNew<TValue>(StateMap<long, TValue> map, Func<long, TValue> make)
        where TValue : unmanaged
    {
        for (long key = 0; key < 200; key++)
        {
            bool isThere = map.TryGet(key, out TValue value);
            bool wasThere = key < Keys;
            bool isOld = isThere == wasThere && (!isThere || value.Equals(make(key)));
            bool willBeThere = (wasThere && !s_removed.Contains(key)) || s_added.Contains(key);
            bool isNew = isThere == willBeThere
                && (!isThere || value.Equals(make(s_replaced.Contains(key) || s_added.Contains(key) ? -key : key)));
            Assert.True(isOld || isNew, $"key {key} has {value}");
        }
    }

    private static void AssertIs<TValue>(StateMap<long, TValue> map, bool isDone, Func<long, TValue> make, bool isCounted = true)
        where TValue : unmanaged
    {
        Assert.Equal(Expected(isDone, make), map.OrderBy(pair => pair.Key));
        AssertTogether(map, isDone, make);
        if (isCounted)
        {
            Assert.Equal(Keys, map.Count);
        }
    }

    // A read of several keys sees the whole batch or nothing, even while the batch is half applied and no writer completes it.
    private static void AssertTogether<TValue>(StateMap<long, TValue> map, bool isDone, Func<long, TValue> make)
        where TValue : unmanaged
    {
        long[] keys = [.. Enumerable.Range(0, 200).Select(key => (long)key)];
        var values = new TValue[keys.Length];
        bool[] found = new bool[keys.Length];
        Assert.True(map.TryGetTogether(keys, values, found));
        Assert.Equal(Expected(isDone, make), keys.Where(key => found[key]).Select(key => KeyValuePair.Create(key, values[key])));
    }

    private static IEnumerable<KeyValuePair<long, TValue>> Expected<TValue>(bool isDone, Func<long, TValue> make)
        where TValue : unmanaged => Enumerable.Range(0, 200).Select(key => (long)key)
        .Where(key => isDone ? (key < Keys && !s_removed.Contains(key)) || s_added.Contains(key) : key < Keys)
        .Select(key => KeyValuePair.Create(key, make(isDone && (s_replaced.Contains(key) || s_added.Contains(key)) ? -key : key)));

    private static void AssertIsWritable<TValue>(StateMap<long, TValue> map, Func<long, TValue> make)
        where TValue : unmanaged
    {
        using MapBatch<long, TValue> batch = map.CreateBatch(200);
        for (long key = 0; key < 200; key++)
        {
            batch.Put(key, make(key * 2));
        }

        Assert.True(batch.Commit());
        Assert.Equal(200, map.Count);
        Assert.Equal(200, map.Count(pair => pair.Value.Equals(make(pair.Key * 2))));
    }

    private struct Look<TValue> : IEntryUpdate<TValue>
        where TValue : unmanaged
    {
        public readonly EntryChange Decide(bool isThere, ref TValue value) => EntryChange.Keep;
    }
}
