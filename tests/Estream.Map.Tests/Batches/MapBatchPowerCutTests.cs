using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Every batch that was committed before a completed flush survives a power cut. Afterwards no batch log has an owner, whatever
/// it contains.</summary>
public sealed class MapBatchPowerCutTests : IDisposable
{
    private const int GroupKeys = 6;

    private readonly TempDirectory _directory = new();
    private readonly PowerCutStorage _storage = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>The keys of a group always get one value together. After the cut each page of each file, including logs, is as
    /// flushed or as at the cut.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Flushed_keys_that_did_not_change_since_are_whole_after_a_power_cut(MapWriters writers)
    {
        const int Groups = 200;
        Random random = new(3);
        using StateMap<long, Guid> map =
            StateMap.Open<long, Guid>(_directory.Path, new MapOptions { InitialCapacity = 0, Storage = _storage, Writers = writers });
        using MapBatch<long, Guid> batch = map.CreateBatch();
        Dictionary<int, int> flushed = [];
        Dictionary<int, int> current = [];
        for (int round = 1; round <= LongRun.Count(400, 8_000); round++)
        {
            int group = random.Next(Groups);
            flushed.Remove(group);
            current[group] = round;
            for (int key = 0; key < GroupKeys; key++)
            {
                batch.Put((key * Groups) + group, ValueOf(round));
            }

            Assert.True(batch.Commit());
            if (random.Next(15) == 0)
            {
                map.Flush();
                flushed = new(current);
            }

            if (random.Next(15) == 0)
            {
                AssertCutKeeps(flushed, Groups, _ => random.Next(2) == 0);
            }
        }

        AssertCutKeeps(flushed, Groups, _ => true);
        AssertCutKeeps(flushed, Groups, name => name.Length == 3);
    }

    /// <summary>The log on the device may be from any moment: the kernel wrote it back during the batch, and not at its end.</summary>
    [Fact]
    public void A_committed_batch_log_is_ignored_after_a_restart_of_the_machine()
    {
        using (StateMap<long, long> map = Open())
        {
            map.Put(1, 1);
            map.Put(2, 2);
        }

        using (DeadBatch<long> dead = new(_directory.Path, OwnerWord.Of(0, 1), isAlone: true))
        {
            dead.Plan.Put(1, -1);
            dead.Plan.Put(2, -2);
            dead.Lock();
            dead.WriteLog(dead.Meta.ReadInt64(MetaLayout.WriterEpoch));
            dead.CommitLog();
            dead.Meta.WriteInt64(MetaLayout.BootId, 4711);
        }

        using StateMap<long, long> again = Open();
        Assert.Equal([KeyValuePair.Create(1L, 1L), KeyValuePair.Create(2L, 2L)], again.OrderBy(pair => pair.Key));
        Assert.False(again.HostCrashed);
        Assert.Empty(Directory.GetFiles(_directory.Combine(BatchLayout.Directory)));
    }

    [Fact]
    public void The_flag_that_batch_logs_exist_is_durable_before_the_first_log()
    {
        using StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Storage = _storage });
        int seen = 0;
        _storage.OnStep = step =>
        {
            if (step != "after create 000")
            {
                return;
            }

            seen++;
            using TempDirectory cut = new();
            _storage.Cut(cut.Path, _ => false);
            using MemoryRegion meta = FileStorage.Instance.OpenRegion(cut.Combine(MapFormat.MetaFile), RegionAccess.ReadOnly);
            Assert.Equal(MetaLayout.FeatureBatches, meta.All.ReadInt32(MetaLayout.Features));
        };
        map.CreateBatch().Dispose();
        Assert.Equal(1, seen);
    }

    private StateMap<long, long> Open() => StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0 });

    private void AssertCutKeeps(Dictionary<int, int> flushed, int groups, Func<string, bool> writtenBack)
    {
        using TempDirectory cut = new();
        _storage.Cut(cut.Path, writtenBack);
        using (MemoryRegion meta = FileStorage.Instance.OpenRegion(cut.Combine(MapFormat.MetaFile), RegionAccess.ReadWrite))
        {
            meta.All.WriteInt64(MetaLayout.BootId, 4711);
        }

        using StateMap<long, Guid> found = StateMap.Open<long, Guid>(cut.Path, new MapOptions { InitialCapacity = 0 });
        Assert.True(found.HostCrashed);
        foreach ((int group, int round) in flushed)
        {
            for (int key = 0; key < GroupKeys; key++)
            {
                Assert.True(found.TryGet((key * groups) + group, out Guid value) && value == ValueOf(round),
                    $"key {key} of group {group} was flushed in round {round} and is {value}");
            }
        }

        Assert.Equal(found.CountByEnumeration(), found.Count);
    }

    private static Guid ValueOf(int number) => new(number, 0, 0, new byte[8]);
}
