using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A resize interrupted between two stores, by a crash of the process or the machine: nothing is lost, and nothing written later
/// is hidden.</summary>
public sealed class MovingCrashTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_crash_between_the_marks_of_two_merging_stripes_hides_no_later_write()
    {
        using (StateMap<long, long> map = Open(0))
        {
            ShrinkHalfWay(map);
        }

        long[] keys;
        using (DeadWriter<long, long> dead = new(_directory.Path, CurrentGeneration()))
        {
            // A unit is two stripes; the second mark of the first migrated unit is reset.
            long unit = Enumerable.Range(0, (int)dead.StripeCount / 2).First(each => dead.StateOf(each * 2) != TableLayout.StripeIsHere);
            dead.StateOf((unit * 2) + 1) = TableLayout.StripeIsHere;
            keys = [.. dead.KeysOf((unit * 2) + 1)];
        }

        using StateMap<long, long> again = Open(0);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        foreach (long key in keys.Take(20))
        {
            Assert.False(again.Put(key, -key - 1));
            Assert.True(again.TryGet(key, out long value) && value == -key - 1, $"what was written to key {key} is hidden");
            Assert.True(reader.TryGet(key, out value) && value == -key - 1);
        }
    }

    [Fact]
    public void A_stripe_mark_that_became_durable_before_the_resize_began_is_reset()
    {
        const long Entries = 4_000;
        using (StateMap<long, long> map = Open(Entries))
        {
            Fill(map, Entries);
        }

        using (DeadWriter<long, long> dead = new(_directory.Path))
        {
            dead.StateOf(1) = TableLayout.StripeMigrated;
            dead.StateOf(2) = TableLayout.StripeMigrationFlushed;
        }

        CutPower();
        using StateMap<long, long> again = Open(0);
        Assert.True(again.HostCrashed);
        for (long key = Entries; again.Capacity < Entries * 4; key++)
        {
            again.Put(key, key);
        }

        Assert.All(Enumerable.Range(0, (int)Entries),
            key => Assert.True(again.TryGet(key, out long value) && value == key, $"key {key} is gone"));
    }

    [Fact]
    public void A_bucket_left_busy_by_a_power_cut_keeps_its_other_entries()
    {
        long busy = -1;
        using (StateMap<long, Guid> map = StateMap.Open<long, Guid>(_directory.Path))
        {
            for (long key = 0; key < 300; key++)
            {
                map.Put(key, new Guid((int)key, 0, 0, new byte[8]));
            }
        }

        using (DeadWriter<long, Guid> dead = new(_directory.Path))
        {
            (busy, _) = dead.Find(7);
            dead.ControlOf(busy) = ControlWord.BeginValue(dead.ControlOf(busy));
        }

        CutPower();
        using StateMap<long, Guid> again = StateMap.Open<long, Guid>(_directory.Path);
        Assert.True(again.HostCrashed);
        Assert.Equal(300, again.Count(pair => pair.Value == new Guid((int)pair.Key, 0, 0, new byte[8])));
        Assert.False(again.Put(7, Guid.Empty));
        Assert.True(again.TryGet(7, out Guid value) && value == Guid.Empty);
    }

    [Fact]
    public async Task Entries_migrated_during_a_count_are_counted_once()
    {
        const long Most = 60_000;
        int rounds = LongRun.Count(40, 400);
        using CancellationTokenSource stop = new();
        long added = 0;
        StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        Task counting = Task.Factory.StartNew(
            () =>
            {
                // While entries are only added, a count is not larger than the number of entries added when it returns.
                while (!stop.IsCancellationRequested)
                {
                    StateMap<long, long> counted = Volatile.Read(ref map);
                    long count = counted.Count;
                    long now = Volatile.Read(ref added);
                    Assert.True(count <= now + 1 || counted != Volatile.Read(ref map), $"{count} entries are counted of {now}");
                }
            },
            TaskCreationOptions.LongRunning);
        for (int round = 0; round < rounds && !counting.IsCompleted; round++)
        {
            for (long key = 0; key < Most; key++)
            {
                map.Put(key, key);
                Volatile.Write(ref added, key + 1);
            }

            Volatile.Write(ref map, StateMap.CreateInMemory<long, long>());
        }

        await stop.CancelAsync();
        await counting;
    }

    private static void Fill(StateMap<long, long> map, long entries)
    {
        for (long key = 0; key < entries; key++)
        {
            map.Put(key, key);
        }
    }

    // Shrinks the map from sixteen stripes to eight, with one of the eight units migrated.
    private void ShrinkHalfWay(StateMap<long, long> map)
    {
        // More entries than the earlier table can take while the larger table is being created.
        const int Entries = 20_000;
        Fill(map, Entries);
        Eventually.True(() => !map.Put(1, 1) && Directory.GetFiles(_directory.Path, "table.*").Length == 1, "the map has grown");
        long last = Entries;
        while (Directory.GetFiles(_directory.Path, "table.*").Length == 1)
        {
            Assert.True(map.Remove(--last));
        }

        Assert.InRange(last, 10, 4_000);
        map.Put(1, 1);
    }

    private long CurrentGeneration()
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(MapFormat.MetaFile), RegionAccess.ReadOnly);
        long state = meta.All.ReadInt64(MetaLayout.State);
        Assert.True(MapState.IsMigrating(state, MapFormat.Version));
        return MapState.GenerationOf(state, MapFormat.Version);
    }

    // Gives map.meta the state that the next boot finds if a writer had the map open.
    private void CutPower()
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(MapFormat.MetaFile), RegionAccess.ReadWrite);
        meta.All.WriteInt64(MetaLayout.WriterState, MetaLayout.StateOpen);
        meta.All.WriteInt64(MetaLayout.BootId, 4711);
    }

    private StateMap<long, long> Open(long capacity) =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = capacity });
}
