using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Locks of the kernel: they exclude other file handles and other processes, and end with their owner.</summary>
public sealed class FileLockTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string LockPath => _directory.Combine("lock");

    private static FileStorage Storage => FileStorage.Instance;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_exclusive_lock_excludes_all_others_until_it_is_released()
    {
        IDisposable? held = Storage.TryLock(LockPath, LockMode.Exclusive);
        Assert.NotNull(held);
        Assert.Null(Storage.TryLock(LockPath, LockMode.Exclusive));
        Assert.Null(Storage.TryLock(LockPath, LockMode.Shared));
        held.Dispose();
        using IDisposable? next = Storage.TryLock(LockPath, LockMode.Exclusive);
        Assert.NotNull(next);
        held.Dispose();
        Assert.Null(Storage.TryLock(LockPath, LockMode.Shared));
    }

    [Fact]
    public void Shared_locks_coexist_and_exclude_an_exclusive_lock()
    {
        File.WriteAllText(LockPath, "");
        using (IDisposable? first = Storage.TryLock(LockPath, LockMode.Shared))
        using (IDisposable? second = Storage.TryLock(LockPath, LockMode.Shared))
        {
            Assert.NotNull(first);
            Assert.NotNull(second);
            first.Dispose();
            Assert.Null(Storage.TryLock(LockPath, LockMode.Exclusive));
        }

        using IDisposable? alone = Storage.TryLock(LockPath, LockMode.Exclusive);
        Assert.NotNull(alone);
    }

    [Fact]
    public void Opening_a_file_does_not_lock_it()
    {
        using MemoryRegion made = Storage.CreateRegion(LockPath, 10);
        using IDisposable? held = Storage.TryLock(LockPath, LockMode.Exclusive);
        Assert.NotNull(held);
        using MemoryRegion reader = Storage.OpenRegion(LockPath, RegionAccess.ReadOnly);
        using MemoryRegion writer = Storage.OpenRegion(LockPath, RegionAccess.ReadWrite);
        Assert.False(reader.TryLock(LockMode.Shared));
        Assert.False(writer.TryLock(LockMode.Exclusive));
    }

    [Fact]
    public void A_region_can_lock_change_its_lock_and_releases_it_when_disposed()
    {
        using MemoryRegion first = Storage.CreateRegion(LockPath, 10);
        MemoryRegion second = Storage.OpenRegion(LockPath, RegionAccess.ReadOnly);
        Assert.True(second.TryLock(LockMode.Shared));
        Assert.True(first.TryLock(LockMode.Shared));
        Assert.False(second.TryLock(LockMode.Exclusive));
        first.Unlock();
        Assert.True(second.TryLock(LockMode.Exclusive));
        Assert.False(first.TryLock(LockMode.Shared));
        second.Dispose();
        Assert.True(first.TryLock(LockMode.Exclusive));
    }

    [Theory]
    [InlineData(LockMode.Exclusive)]
    [InlineData(LockMode.Shared)]
    public void The_lock_of_another_process_ends_when_that_process_is_killed(LockMode mode)
    {
        File.WriteAllText(LockPath, "");
        using ChildProcess other = ChildProcess.StartDotnet(OtherProcess.Assembly, ["lock", LockPath, $"{mode}"]);
        other.WaitForText("locked");
        Assert.Null(Storage.TryLock(LockPath, LockMode.Exclusive));
        other.Kill();

        // The kernel releases the resources of a process a moment after its death.
        IDisposable? held = null;
        Eventually.True(() => (held = Storage.TryLock(LockPath, LockMode.Exclusive)) is not null, "the lock is free");
        held!.Dispose();
    }

    [Fact]
    public void A_lock_excludes_another_process()
    {
        using IDisposable? held = Storage.TryLock(LockPath, LockMode.Exclusive);
        using ChildProcess other = ChildProcess.StartDotnet(OtherProcess.Assembly, ["lock", LockPath, "Shared"]);
        other.WaitForText("refused");
    }

    /// <summary>A process that is being started briefly has a copy of every descriptor of its parent. A lock released in that moment must
    /// be free at once and not only when the copy closes.</summary>
    [Fact]
    public async Task A_lock_released_while_processes_start_is_free_at_once()
    {
        Task starting = Task.Run(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                ChildProcess.Run("true", []).EnsureSuccess();
            }
        });
        using MemoryRegion region = Storage.CreateRegion(_directory.Combine("region"), 10);
        int refused = 0;
        while (!starting.IsCompleted)
        {
            using (IDisposable? held = Storage.TryLock(LockPath, LockMode.Exclusive))
            {
                refused += held is null ? 1 : 0;
            }

            using MemoryRegion reader = Storage.OpenRegion(_directory.Combine("region"), RegionAccess.ReadOnly);
            refused += reader.TryLock(LockMode.Exclusive) ? 0 : 1;
        }

        await starting;
        Assert.Equal(0, refused);
    }
}
