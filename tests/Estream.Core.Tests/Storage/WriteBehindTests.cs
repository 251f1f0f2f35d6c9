using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Device operations: early write-back, dropping pages, durable names, and a failing device.</summary>
public sealed class WriteBehindTests : IDisposable
{
    private const int Length = 4 << 20;

    private readonly TempDirectory _directory = new();

    private static FileStorage Storage => FileStorage.Instance;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Writing_back_early_and_dropping_pages_lose_no_data()
    {
        string path = _directory.Combine("file");
        using MemoryRegion region = Storage.CreateRegion(path, Length);
        region.Prefault(0, Length);
        region.All.Span(0, Length).Fill(7);
        region.WriteBehind(0, Length);
        region.WriteBehind(Length, 0);
        region.AwaitWritten(0, Length);
        region.AwaitWritten(10, 0);
        region.DropBehind(0, Length);
        region.DropBehind(12_345, 1);
        region.DropBehind(5, 0);
        Assert.Equal(-1, region.All.ReadOnlySpan(0, Length).IndexOfAnyExcept((byte)7));
        region.All.Span(0, Length).Fill(8);
        region.DropBehind(0, Length);
        region.Prefault(0, Length);
        Assert.Equal(-1, region.All.ReadOnlySpan(0, Length).IndexOfAnyExcept((byte)8));
        Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOfAnyExcept((byte)8));
    }

    /// <summary>Compares the kernel's count of the resident memory of this process.</summary>
    [Fact]
    public void Dropped_pages_leave_memory()
    {
        using MemoryRegion region = Storage.CreateRegion(_directory.Combine("file"), Length);
        region.All.Span(0, Length).Fill(7);
        region.Flush(0, Length);
        Assert.Equal(Length / 1024, ResidentKibibytes("file"));
        region.DropBehind(0, Length);
        Assert.Equal(0, ResidentKibibytes("file"));
        region.All.ReadInt32(Length / 2);
        Assert.InRange(ResidentKibibytes("file"), 4, Length / 1024);
    }

    [Fact]
    public void Ranges_outside_the_region_throw()
    {
        using MemoryRegion region = Storage.CreateRegion(_directory.Combine("file"), 4096);
        Assert.Throws<ArgumentOutOfRangeException>(() => region.WriteBehind(0, 4097));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.AwaitWritten(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.DropBehind(4096, 1));
    }

    [Fact]
    public void Flushing_a_directory_makes_names_durable_and_a_missing_directory_throws()
    {
        Storage.SyncDirectory(_directory.Path);
        string missing = _directory.Combine("missing");
        Assert.Equal(StorageFailure.NotFound, Assert.Throws<EstreamStorageException>(() => Storage.SyncDirectory(missing)).Reason);
        File.WriteAllText(_directory.Combine("file"), "");
        Assert.Equal(StorageFailure.NotFound,
            Assert.Throws<EstreamStorageException>(() => Storage.SyncDirectory(_directory.Combine("file"))).Reason);
    }

    [MountFact]
    public void Memory_file_systems_accept_every_write_back_call()
    {
        using var disk = new TmpfsMount(1 << 20);
        Storage.SyncDirectory(disk.Path);
        using MemoryRegion region = Storage.CreateRegion(disk.Combine("file"), 64 << 10);
        region.All.Span(0, 64 << 10).Fill(7);
        region.WriteBehind(0, 64 << 10);
        region.AwaitWritten(0, 64 << 10);
        region.DropBehind(0, 64 << 10);
        Assert.Equal(-1, region.All.ReadOnlySpan(0, 64 << 10).IndexOfAnyExcept((byte)7));
    }

    /// <summary>A device that really fails: a disk image on a file system with less space than the image declares. The kernel accepts every
    /// store and cannot write it. The error of the first flush is "no space", and it is not the transient error of a full disk.</summary>
    [LoopDeviceFact]
    public void Flush_reports_a_failing_device_as_data_loss()
    {
        using var disk = new OvercommittedDisk(_directory.Path);
        string path = disk.Combine("file");
        using MemoryRegion region = Storage.CreateRegion(path, OvercommittedDisk.TooMuch);
        region.All.Span(0, OvercommittedDisk.TooMuch).Fill(7);
        AssertLoss(path, () => region.Flush(0, OvercommittedDisk.TooMuch));
    }

    [LoopDeviceFact]
    public void Waiting_for_write_back_reports_a_failing_device_as_data_loss()
    {
        using var disk = new OvercommittedDisk(_directory.Path);
        string path = disk.Combine("file");
        using MemoryRegion region = Storage.CreateRegion(path, OvercommittedDisk.TooMuch);
        region.All.Span(0, OvercommittedDisk.TooMuch).Fill(7);
        region.WriteBehind(0, OvercommittedDisk.TooMuch);
        AssertLoss(path, () => region.AwaitWritten(0, OvercommittedDisk.TooMuch));
    }

    private static void AssertLoss(string path, Action action)
    {
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(action);
        Assert.Equal(StorageFailure.Device, error.Reason);
        Assert.False(error.IsTransient);
        Assert.Equal(path, error.Path);
        Assert.Contains("may be lost", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
    }

    private long ResidentKibibytes(string file)
    {
        string name = _directory.Combine(file);
        string rss = File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.EndsWith(name, StringComparison.Ordinal))
            .First(line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return long.Parse(rss[4..^2].Trim());
    }
}
