using Estream.Core.Internal;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Waiting on a word of shared memory, in the kernel or, if the kernel has no futex, by polling.</summary>
public sealed class WaitTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    private readonly TempDirectory _directory = new();
    private readonly MemoryRegion _region;

    public WaitTests()
    {
        _region = FileStorage.Instance.CreateRegion(_directory.Combine("word"), 4096);
    }

    public void Dispose()
    {
        _region.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void This_machine_has_a_kernel_with_futexes() => Assert.True(Futex.IsAvailable);

    [Fact]
    public void A_wait_on_a_word_that_has_changed_returns_at_once() =>
        Assert.Equal(WaitOutcome.Changed, _region.WaitInt32(64, 1, Timeout.InfiniteTimeSpan));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_500)]
    public void A_wait_ends_at_its_timeout(int milliseconds)
    {
        Assert.Equal(WaitOutcome.TimedOut, _region.WaitInt32(64, 0, TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(WaitOutcome.TimedOut, Futex.Poll(_region.Slice(64, 4), 0, TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(0, _region.WakeInt32(64));
    }

    [Fact]
    public async Task WakeInt32_wakes_waiters_on_its_own_word_only()
    {
        Task<WaitOutcome> waiter = Task.Run(() => _region.WaitInt32(64, 0, s_long));
        Task<WaitOutcome> other = Task.Run(() => _region.WaitInt32(128, 0, s_long));
        Eventually.True(() => _region.WakeInt32(64) == 1, "a waiter waits and is woken");
        Assert.Equal(WaitOutcome.Woken, await waiter);
        Assert.False(other.IsCompleted);
        Eventually.True(() => _region.WakeInt32(128) == 1, "the other waits and is woken");
        Assert.Equal(WaitOutcome.Woken, await other);
    }

    [Fact]
    public async Task WakeInt32_wakes_no_more_waiters_than_requested()
    {
        Task<WaitOutcome>[] waiters = [.. Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () => _region.WaitInt32(64, 0, s_long), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        for (int woken = 1; woken <= waiters.Length; woken++)
        {
            Eventually.True(() => _region.WakeInt32(64, 1) == 1, $"waiter {woken} waits and is woken");
        }

        await Task.WhenAll(waiters);
        Assert.Equal(0, _region.WakeInt32(64, 1));
    }

    /// <summary>A polling waiter notices a change without a wake-up. This is the fallback for kernels without futexes.</summary>
    [Fact]
    public async Task A_polling_waiter_sees_a_change()
    {
        Task<WaitOutcome> poller = Task.Run(() => Futex.Poll(_region.Slice(64, 4), 0, Timeout.InfiniteTimeSpan));
        _region.All.WriteInt32Release(64, 1);
        Assert.Equal(WaitOutcome.Changed, await poller);
    }

    /// <summary>Two processes pass the word back and forth; each waits for the change of the other.</summary>
    [Fact]
    public void Two_processes_wake_each_other()
    {
        const int Rounds = 500;
        using ChildProcess other = ChildProcess.StartDotnet(OtherProcess.Assembly, ["ping", _directory.Combine("word"), $"{Rounds}"]);
        for (int round = 0; round < Rounds; round++)
        {
            int expected = (2 * round) + 1;
            int seen;
            while ((seen = _region.All.ReadInt32Acquire(64)) != expected)
            {
                Assert.NotEqual(WaitOutcome.TimedOut, _region.WaitInt32(64, seen, s_long));
            }

            _region.All.WriteInt32Release(64, expected + 1);
            _region.WakeInt32(64);
        }

        other.WaitForExit().EnsureSuccess();
    }

    [Fact]
    public async Task A_waiter_can_wait_on_a_read_only_region()
    {
        using MemoryRegion reader = FileStorage.Instance.OpenRegion(_directory.Combine("word"), RegionAccess.ReadOnly);
        Assert.Equal(WaitOutcome.TimedOut, reader.WaitInt32(64, 0, TimeSpan.FromMilliseconds(1)));
        Task<WaitOutcome> waiter = Task.Run(() => reader.WaitInt32(64, 0, s_long));
        Eventually.True(() => _region.WakeInt32(64) == 1, "the reader waits and is woken");
        Assert.Equal(WaitOutcome.Woken, await waiter);
    }

    [Fact]
    public void A_wait_with_invalid_arguments_throws()
    {
        Assert.Throws<ArgumentException>(() => _region.WaitInt32(2, 0, TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => _region.WakeInt32(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.WaitInt32(4096, 0, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.WakeInt32(-4));
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.WaitInt32(64, 0, TimeSpan.FromMilliseconds(-2)));
    }
}
