using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A power cut may keep the overflow count of one bucket and lose the removal in the next bucket that lowered it. The entry is
/// then present again, and removing it once more must not lower the count through which another entry is found.</summary>
public sealed class OverflowCountTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Removing_an_entry_restored_by_a_power_cut_hides_no_other_entry()
    {
        long[] keys;
        using (StateMap<long, long> map = Open())
        {
            keys = KeysOfOneBucket(map, SlotLayout<long, long>.SlotsPerBucket + 2);
            Array.ForEach(keys, key => map.Put(key, key));
        }

        LowerOverflow(keys);
        using StateMap<long, long> again = Open();
        Assert.True(again.HostCrashed);
        Assert.Equal(keys.Length, again.Count);
        Assert.True(again.Remove(keys[^2]));
        Assert.All(keys.Except([keys[^2]]), key => Assert.True(again.TryGet(key, out long value) && value == key));
    }

    [Fact]
    public void Recovery_resets_overflow_counts_that_lead_to_no_entry()
    {
        long[] keys;
        using (StateMap<long, long> map = Open())
        {
            keys = KeysOfOneBucket(map, 1);
            map.Put(keys[0], 1);
        }

        using (DeadWriter<long, long> dead = CutOff())
        {
            ref long control = ref dead.ControlOf(dead.Find(keys[0]).Bucket);
            control = ControlWord.AddOverflow(ControlWord.AddOverflow(control));
        }

        using StateMap<long, long> again = Open();
        using DeadWriter<long, long> seen = new(_directory.Path);
        Assert.True(again.TryGet(keys[0], out _));
        Assert.False(ControlWord.HasOverflow(seen.ControlOf(seen.Find(keys[0]).Bucket)));
    }

    // The last two entries overflowed from their home bucket. The home bucket has counted the removal of one of them, but the bucket of the
    // entry still has it.
    private void LowerOverflow(long[] keys)
    {
        using DeadWriter<long, long> dead = CutOff();
        ref long control = ref dead.ControlOf(dead.Find(keys[0]).Bucket);
        Assert.NotEqual(dead.Find(keys[0]).Bucket, dead.Find(keys[^2]).Bucket);
        control = ControlWord.RemoveOverflow(control);
        Assert.True(ControlWord.HasOverflow(control));
    }

    private DeadWriter<long, long> CutOff()
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(MapFormat.MetaFile), RegionAccess.ReadWrite);
        meta.All.WriteInt64(MetaLayout.WriterState, MetaLayout.StateOpen);
        meta.All.WriteInt64(MetaLayout.BootId, 4711);
        return new DeadWriter<long, long>(_directory.Path);
    }

    private static long[] KeysOfOneBucket(StateMap<long, long> map, int count)
    {
        Table<long, long> table = map.Tables().Current;
        return [.. Enumerable.Range(0, 100_000).Select(key => (long)key).GroupBy(key => table.HomeOf(in key))
            .First(group => group.Count() >= count).Take(count)];
    }

    private StateMap<long, long> Open() => StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0 });
}
