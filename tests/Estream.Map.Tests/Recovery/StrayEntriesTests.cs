using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A power cut may leave pages of different moments: the same key in two slots, or a key in a slot that no search
/// reaches.</summary>
public sealed class StrayEntriesTests : IDisposable
{
    private const int Keys = 60;
    private const int Strays = 40;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Orphaned_entries_are_removed_after_a_power_cut_and_no_key_appears_twice()
    {
        using (StateMap<long, long> map = Open())
        {
            for (long key = 0; key < Keys; key++)
            {
                map.Put(key, key);
            }
        }

        Plant();
        using StateMap<long, long> again = Open();
        Assert.True(again.HostCrashed);
        Dictionary<long, long> found = again.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.All(found, pair => Assert.True(again.TryGet(pair.Key, out long value) && value == pair.Value));
        Assert.Equal(found.Count, again.Count);

        // A few strays may have been planted in buckets where a search finds them.
        Assert.InRange(found.Count, Keys, Keys + (Strays / 4));
        Assert.All(found.Keys.Where(key => key >= Keys), key => Assert.InRange(key, 1_000, 1_000 + Strays));
        for (long key = 0; key < Keys + Strays; key++)
        {
            again.Put(key, -key);
            Assert.True(again.TryGet(key, out long value) && value == -key);
        }
    }

    // Plants stray entries: half are existing keys, far from where they are searched, and half are other keys.
    private void Plant()
    {
        using (DeadWriter<long, long> dead = new(_directory.Path))
        {
            int planted = 0;
            for (long bucket = 0; planted < Strays; bucket = (bucket + 1) % MapFormat.MinBuckets)
            {
                int slot = ControlWord.FirstFree(dead.ControlOf(bucket));
                long key = planted % 2 == 0 ? planted : 1_000 + planted;
                bool isNear = planted % 2 == 0 && Math.Abs(dead.Find(key).Bucket - bucket) < 4;
                if (slot < SlotLayout<long, long>.SlotsPerBucket && !isNear)
                {
                    dead.KeyOf(bucket, slot) = key;
                    dead.ValueOf(bucket, slot) = 777;
                    dead.ControlOf(bucket) = ControlWord.Take(dead.ControlOf(bucket), slot);
                    planted++;
                }
            }
        }

        using MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(MapFormat.MetaFile), RegionAccess.ReadWrite);
        meta.All.WriteInt64(MetaLayout.WriterState, MetaLayout.StateOpen);
        meta.All.WriteInt64(MetaLayout.BootId, 4711);
    }

    private StateMap<long, long> Open() => StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0 });
}
