using Estream.Core;
using Estream.Simulation.Machine;

namespace Estream.Simulation;

/// <summary>Checks that the simulated machine keeps the guarantees of a real machine, and no others.</summary>
public sealed class SimulatedMachineTests : IDisposable
{
    private const string Folder = "/folder";
    private const string FilePath = "/folder/file";
    private const int Seeds = 200;

    private readonly Arena _arena = new();

    public void Dispose() => _arena.Dispose();

    [Fact]
    public void A_call_from_another_thread_does_nothing_and_is_reported()
    {
        var machine = new SimulatedMachine(_arena, new SeededRandom(1));
        SimulatedProcess process = machine.Start();
        process.CreateDirectory(Folder);
        var stray = new Thread(() => Assert.Throws<InvalidOperationException>(() => process.CreateRegion(FilePath, 4096)));
        stray.Start();
        stray.Join();
        Assert.Null(machine.Names.Find(FilePath));
        Assert.Contains(FilePath, Assert.Throws<InvalidOperationException>(machine.RefuseOtherThreads).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => process.FileExists(FilePath));
    }

    [Fact]
    public void Runs_on_threads_that_have_ended_leave_their_memory_to_later_runs()
    {
        const int Threads = 64;
        var arenas = new HashSet<Arena>();
        for (int i = 0; i < Threads; i++)
        {
            var thread = new Thread(() => SimulationRunner.Play("queue", 0, (arena, random) =>
            {
                arenas.Add(arena);
                return new SimulatedMachine(arena, random);
            }));
            thread.Start();
            thread.Join();
        }

        // More than one, if runs of other tests take an arena in between.
        Assert.InRange(arenas.Count, 1, Threads - 1);
    }

    [Fact]
    public void Data_flushed_under_a_durable_name_survives_every_power_cut() => ForEachSeed((machine, process) =>
    {
        using MemoryRegion region = Make(process);
        region.All.Span(0, 10_000).Fill(7);
        region.Flush(0, 10_000);
        process.SyncDirectory(Folder);
        CutPower(machine, process);
        using MemoryRegion after = machine.Start().OpenRegion(FilePath, RegionAccess.ReadOnly);
        Assert.Equal(10_000, after.Length);
        Assert.Equal(-1, after.All.ReadOnlySpan(0, 10_000).IndexOfAnyExcept((byte)7));
    });

    [Fact]
    public void Unflushed_data_is_kept_lost_or_torn_by_sectors()
    {
        var seen = new HashSet<string>();
        ForEachSeed((machine, process) =>
        {
            MemoryRegion region = Make(process);
            region.Flush(0, 10_000);
            process.SyncDirectory(Folder);
            region.All.Span(0, 10_000).Fill(7);
            CutPower(machine, process);
            using MemoryRegion after = machine.Start().OpenRegion(FilePath, RegionAccess.ReadOnly);
            for (int sector = 0; sector < 16; sector++)
            {
                Assert.Single(after.All.ReadOnlySpan(sector * 512, 512).ToArray().Distinct());
            }

            byte[] page = after.All.ReadOnlySpan(0, 4096).ToArray();
            seen.Add(!page.Contains((byte)7) ? "lost" : page.Contains((byte)0) ? "torn" : "there");
        });
        Assert.Equal(["lost", "there", "torn"], seen.Order());
    }

    [Fact]
    public void An_unflushed_name_may_be_lost_and_a_rename_is_atomic()
    {
        var seen = new HashSet<string>();
        ForEachSeed((machine, process) =>
        {
            MemoryRegion region = Make(process);
            region.Flush(0, 10_000);
            process.SyncDirectory(Folder);
            process.Rename(FilePath, FilePath + "2");
            process.CreateRegion(FilePath + "3", 100).Flush(0, 100);
            CutPower(machine, process);
            SimulatedProcess next = machine.Start();
            Assert.NotEqual(next.FileExists(FilePath), next.FileExists(FilePath + "2"));
            seen.Add($"{next.FileExists(FilePath)} {next.FileExists(FilePath + "3")}");
        });
        Assert.Equal(["False False", "False True", "True False", "True True"], seen.Order());
    }

    [Fact]
    public void An_unflushed_length_may_be_short()
    {
        var seen = new HashSet<long>();
        ForEachSeed((machine, process) =>
        {
            Make(process);
            process.SyncDirectory(Folder);
            CutPower(machine, process);
            seen.Add(machine.Names.Find(FilePath)!.Length);
        });
        Assert.Equal([0L, 4096, 8192, 10_000], seen.Order());
    }

    [Fact]
    public void After_a_failed_flush_a_successful_flush_writes_nothing()
    {
        bool wasLost = false;
        ForEachSeed((machine, process) =>
        {
            MemoryRegion region = Make(process);
            region.Flush(0, 10_000);
            process.SyncDirectory(Folder);
            region.All.Span(0, 10_000).Fill(7);
            machine.FailureChance = (1, 0);
            Assert.Equal(StorageFailure.Device, Assert.Throws<EstreamStorageException>(() => region.Flush(0, 10_000)).Reason);
            machine.FailureChance = default;
            region.Flush(0, 10_000);
            CutPower(machine, process);
            using MemoryRegion after = machine.Start().OpenRegion(FilePath, RegionAccess.ReadOnly);
            wasLost |= after.All.ReadOnlySpan(0, 10_000).Contains((byte)0);
        });
        Assert.True(wasLost);
    }

    [Fact]
    public void A_killed_process_leaves_its_stores_releases_its_locks_and_does_nothing_more() => ForEachSeed((machine, process) =>
    {
        MemoryRegion region = Make(process);
        Assert.NotNull(process.TryLock("/folder/lock", LockMode.Exclusive));
        SimulatedProcess other = machine.Start();
        Assert.Null(other.TryLock("/folder/lock", LockMode.Exclusive));
        Assert.True(other.IsAlive(process.CurrentProcess));
        region.All.WriteInt64(0, 7);
        Assert.Throws<SimulatedDeath>(() => machine.End(process, Death.Kill));
        region.All.WriteInt64(0, 8);
        Assert.Throws<SimulatedDeath>(() => process.Delete(FilePath));
        Assert.Throws<SimulatedDeath>(() => region.Flush(0, 8));
        machine.Bury();
        using MemoryRegion after = other.OpenRegion(FilePath, RegionAccess.ReadOnly);
        Assert.Equal(7, after.All.ReadInt64(0));
        Assert.False(other.IsAlive(process.CurrentProcess));
        Assert.NotNull(other.TryLock("/folder/lock", LockMode.Exclusive));
    });

    [Fact]
    public void Each_boot_has_its_own_id() => ForEachSeed((machine, process) =>
    {
        Guid before = process.BootId;
        CutPower(machine, process);
        Assert.NotEqual(before, machine.Start().BootId);
    });

    [Fact]
    public void Locks_behave_like_those_of_the_kernel() => ForEachSeed((machine, process) =>
    {
        MemoryRegion first = Make(process);
        MemoryRegion second = machine.Start().OpenRegion(FilePath, RegionAccess.ReadOnly);
        Assert.True(second.TryLock(LockMode.Shared));
        Assert.True(first.TryLock(LockMode.Shared));
        Assert.False(second.TryLock(LockMode.Exclusive));
        first.Unlock();
        Assert.True(second.TryLock(LockMode.Exclusive));
        Assert.False(first.TryLock(LockMode.Shared));
        second.Dispose();
        Assert.True(first.TryLock(LockMode.Exclusive));
    });

    [Fact]
    public void A_full_disk_refuses_new_files_and_keeps_existing_ones() => ForEachSeed((machine, process) =>
    {
        using MemoryRegion region = Make(process);
        machine.CapacityBytes = 15_000;
        Assert.Equal(StorageFailure.DiskFull,
            Assert.Throws<EstreamStorageException>(() => process.CreateRegion(FilePath + "2", 10_000)).Reason);
        Assert.False(process.FileExists(FilePath + "2"));
        process.Delete(FilePath);
        process.CreateRegion(FilePath + "2", 10_000).Dispose();
    });

    [Fact]
    public void A_wait_costs_only_simulated_time() => ForEachSeed((machine, process) =>
    {
        using MemoryRegion region = Make(process);
        long before = machine.Clock.MonotonicNanos;
        Assert.Equal(WaitOutcome.TimedOut, region.WaitInt32(0, 0, TimeSpan.FromDays(1)));
        Assert.InRange(machine.Clock.MonotonicNanos - before, TimeSpan.FromDays(1).Ticks * 100, TimeSpan.FromDays(2).Ticks * 100);
    });

    private static MemoryRegion Make(SimulatedProcess process)
    {
        process.CreateDirectory(Folder);
        return process.CreateRegion(FilePath, 10_000);
    }

    private static void CutPower(SimulatedMachine machine, SimulatedProcess process)
    {
        Assert.Throws<SimulatedDeath>(() => machine.End(process, Death.PowerCut));
        Assert.Equal(Death.PowerCut, machine.Bury());
    }

    private void ForEachSeed(Action<SimulatedMachine, SimulatedProcess> check)
    {
        for (long seed = 0; seed < Seeds; seed++)
        {
            _arena.Reset();
            var machine = new SimulatedMachine(_arena, new SeededRandom(seed));
            check(machine, machine.Start());
        }
    }
}
