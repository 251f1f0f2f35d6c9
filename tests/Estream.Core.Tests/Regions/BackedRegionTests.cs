namespace Estream.Core.Tests;

/// <summary>A region over supplied memory: it makes the same checks as any other region, and its backing receives every call.</summary>
public sealed class BackedRegionTests : IDisposable
{
    private readonly NativeRegion _memory = NativeRegion.Allocate(8192);
    private readonly Recorder _recorder = new();

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_backed_region_covers_exactly_the_supplied_memory()
    {
        using MemoryRegion region = MemoryRegion.Over(_memory.Slice(4096, 100), RegionAccess.ReadWrite, _recorder);
        region.All.WriteInt64(8, 42);
        Assert.Equal(42, _memory.All.ReadInt64(4104));
        Assert.Equal(100, region.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => region.All.WriteInt64(96, 1));
    }

    [Fact]
    public void The_backing_receives_every_call_with_its_range()
    {
        MemoryRegion region = MemoryRegion.Over(_memory.All, RegionAccess.ReadWrite, _recorder);
        region.Prefault(1, 2);
        region.Flush(3, 4);
        region.WriteBehind(5, 6);
        region.AwaitWritten(7, 8);
        region.DropBehind(9, 10);
        Assert.False(region.TryLock(LockMode.Shared));
        Assert.False(region.TryLock(LockMode.Exclusive));
        region.Unlock();
        Assert.Equal(WaitOutcome.TimedOut, region.WaitInt32(12, 0, Timeout.InfiniteTimeSpan));
        region.WakeInt32(16, 3);
        Assert.Equal(HugePages.Reserved, region.HugePages);
        region.Dispose();
        region.Dispose();
        Assert.Equal(
            ["Prefault 1 2", "Flush 3 4", "WriteBehind 5 6", "AwaitWritten 7 8", "DropBehind 9 10", "TryLock Shared", "TryLock Exclusive",
                "Unlock", "Wait 12 0", "Wake 16 3", "Close"],
            _recorder.Calls);
        Assert.Equal(0, region.All.Length);
    }

    [Fact]
    public void The_backing_is_not_called_for_a_range_outside_the_region()
    {
        MemoryRegion region = MemoryRegion.Over(_memory.Slice(0, 100), RegionAccess.ReadWrite, _recorder);
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Flush(0, 101));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Prefault(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.WriteBehind(100, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.AwaitWritten(1, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.DropBehind(long.MaxValue, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.WaitInt32(100, 0, TimeSpan.Zero));
        Assert.Empty(_recorder.Calls);
    }

    [Fact]
    public void A_region_over_read_only_memory_is_read_only()
    {
        using MemoryRegion reader = MemoryRegion.Over(_memory.All, RegionAccess.ReadOnly, _recorder);
        Assert.True(reader.IsReadOnly);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.All.WriteInt32(0, 1));
        Assert.Throws<ArgumentException>(() => MemoryRegion.Over(reader.All, RegionAccess.ReadWrite, _recorder));
    }

    /// <summary>A backing that overrides nothing leaves waiting to the kernel.</summary>
    [Fact]
    public void A_backing_that_overrides_nothing_waits_in_the_kernel()
    {
        using MemoryRegion region = MemoryRegion.Over(_memory.All, RegionAccess.ReadWrite, new Silent());
        Assert.Equal(WaitOutcome.Changed, region.WaitInt32(0, 1, Timeout.InfiniteTimeSpan));
        Assert.Equal(WaitOutcome.TimedOut, region.WaitInt32(0, 0, TimeSpan.FromMilliseconds(1)));
        Assert.True(region.TryLock(LockMode.Exclusive));
        Assert.Equal(HugePages.None, region.HugePages);
        region.Flush(0, 8192);
    }

    private sealed class Silent : RegionBacking;

    private sealed class Recorder : RegionBacking
    {
        public List<string> Calls { get; } = [];

        public override HugePages HugePages => HugePages.Reserved;

        public override void Prefault(long offset, long length) => Calls.Add($"Prefault {offset} {length}");

        public override void Flush(long offset, long length) => Calls.Add($"Flush {offset} {length}");

        public override void WriteBehind(long offset, long length) => Calls.Add($"WriteBehind {offset} {length}");

        public override void AwaitWritten(long offset, long length) => Calls.Add($"AwaitWritten {offset} {length}");

        public override void DropBehind(long offset, long length) => Calls.Add($"DropBehind {offset} {length}");

        public override bool TryLock(LockMode mode)
        {
            Calls.Add($"TryLock {mode}");
            return false;
        }

        public override void Unlock() => Calls.Add("Unlock");

        public override WaitOutcome? Wait(long offset, int expected, TimeSpan timeout)
        {
            Calls.Add($"Wait {offset} {expected}");
            return WaitOutcome.TimedOut;
        }

        public override void Wake(long offset, int count) => Calls.Add($"Wake {offset} {count}");

        public override void Close() => Calls.Add("Close");
    }
}
