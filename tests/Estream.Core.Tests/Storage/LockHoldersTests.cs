using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>The holders of a lock, as reported by the kernel. No process writes anything for this.</summary>
public sealed class LockHoldersTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private static FileStorage Storage => FileStorage.Instance;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Each_holder_of_a_lock_is_listed_once_per_file_while_it_lives()
    {
        string mine = Make("mine");
        string both = Make("both");
        string free = Make("free");
        using IDisposable? first = Storage.TryLock(mine, LockMode.Shared);
        using IDisposable? again = Storage.TryLock(mine, LockMode.Shared);
        using IDisposable? beside = Storage.TryLock(both, LockMode.Shared);
        using ChildProcess other = ChildProcess.StartDotnet(OtherProcess.Assembly, ["lock", both, "Shared"]);
        other.WaitForText("locked");
        LockHolders found = Storage.FindLockHolders([free, both, mine, _directory.Combine("missing")]);
        Assert.True(found.IsComplete);
        Assert.Equal(
            new[] { (both, Environment.ProcessId), (both, other.Id), (mine, Environment.ProcessId) }.Order(),
            found.Holders.Select(holder => (holder.Path, holder.ProcessId)).Order());
        Assert.All(found.Holders,
            holder => Assert.Equal(File.ReadAllText($"/proc/{holder.ProcessId}/comm").TrimEnd('\n'), holder.ProcessName));
        other.Kill();
        Eventually.True(() => Storage.FindLockHolders([both]).Holders.Count == 1, "the lock of the killed process is gone");
    }

    /// <summary>Listing the holders blocks no process and is not itself reported as a holder.</summary>
    [Fact]
    public void Listing_lock_holders_takes_no_lock_and_is_not_blocked_by_one()
    {
        string path = Make("file");
        LockHolders found = Storage.FindLockHolders([path]);
        Assert.Equal((0, true), (found.Holders.Count, found.IsComplete));
        using IDisposable? held = Storage.TryLock(path, LockMode.Exclusive);
        Assert.NotNull(held);
        Assert.Equal(Environment.ProcessId, Assert.Single(Storage.FindLockHolders([path]).Holders).ProcessId);
    }

    [Fact]
    public async Task Listing_lock_holders_blocks_no_lock()
    {
        string path = Make("file");
        using var stop = new CancellationTokenSource();
        int looks = 0;
        Task looking = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _ = Storage.FindLockHolders([path]);
                Interlocked.Increment(ref looks);
            }
        });
        int refused = 0;
        for (int round = 0; round < 1_000 || (Volatile.Read(ref looks) < 20 && !looking.IsCompleted); round++)
        {
            using IDisposable? held = Storage.TryLock(path, LockMode.Exclusive);
            refused += held is null ? 1 : 0;
        }

        await stop.CancelAsync();
        await looking;
        Assert.Equal(0, refused);
    }

    [Fact]
    public void A_locked_region_is_listed_and_a_region_that_is_only_open_is_not()
    {
        string path = _directory.Combine("region");
        using MemoryRegion region = Storage.CreateRegion(path, 10);
        Assert.Empty(Storage.FindLockHolders([path]).Holders);
        Assert.True(region.TryLock(LockMode.Shared));
        Assert.Equal(Environment.ProcessId, Assert.Single(Storage.FindLockHolders([path]).Holders).ProcessId);
        region.Unlock();
        Assert.Empty(Storage.FindLockHolders([path]).Holders);
    }

    private string Make(string name)
    {
        string path = _directory.Combine(name);
        File.WriteAllText(path, "");
        return path;
    }
}
