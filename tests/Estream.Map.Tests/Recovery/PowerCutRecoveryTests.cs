using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A writer recovers a map after a power cut and is then killed. The next writer detects no power cut, and finds the
/// recovered state.</summary>
public sealed class PowerCutRecoveryTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_entry_count_recovered_after_a_power_cut_is_kept_when_the_writer_is_killed()
    {
        using (StateMap<long, long> map = Open(_directory))
        {
            map.Put(1, 1);
            map.Put(2, 2);
        }

        // The journal reached the device, and the removal of two entries did not: the pages of the entries are older.
        using (DeadWriter<long, long> dead = new(_directory.Path))
        {
            (long bucket, int slot) = dead.Find(1);
            dead.Journal.BeginCount(bucket, ControlWord.Free(dead.ControlOf(bucket), slot), 1, 0);
        }

        CutPower();
        using StateMap<long, long> first = Open(_directory);
        Assert.True(first.HostCrashed);
        Assert.Equal(2, first.Count);

        // Copies the files as a crash of the first writer leaves them.
        using TempDirectory killed = new();
        foreach (string file in Directory.GetFiles(_directory.Path).Where(file => Path.GetFileName(file) != MapFormat.LockFile))
        {
            File.Copy(file, killed.Combine(Path.GetFileName(file)));
        }

        using StateMap<long, long> second = Open(killed);
        Assert.Equal(2, second.Count);
        Assert.True(second.Remove(1));
        Assert.True(second.Remove(2));
        Assert.Equal(0, second.Count);
    }

    // Makes map.meta say that the machine was restarted while the map was open.
    private void CutPower()
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(MapFormat.MetaFile), RegionAccess.ReadWrite);
        meta.All.WriteInt64(MetaLayout.WriterState, MetaLayout.StateOpen);
        meta.All.WriteInt64(MetaLayout.BootId, 4711);
    }

    private static StateMap<long, long> Open(TempDirectory directory) =>
        StateMap.Open<long, long>(directory.Path, new MapOptions { InitialCapacity = 0 });
}
