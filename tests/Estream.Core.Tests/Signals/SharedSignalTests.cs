using Estream.Core.Internal;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Waiting until shared memory changes.</summary>
public sealed class SharedSignalTests : IDisposable
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    private readonly NativeRegion _region = NativeRegion.Allocate(4096);
    private readonly SharedSignal _signal;

    public SharedSignalTests()
    {
        _signal = new SharedSignal(_region, 64);
    }

    public void Dispose() => _region.Dispose();

    [Fact]
    public void This_machine_has_a_kernel_with_membarrier()
    {
        Assert.True(ProcessBarrier.IsRegistered);
        Assert.True(ProcessBarrier.TryIssue());
    }

    [Fact]
    public void A_change_between_Prepare_and_Wait_ends_the_wait()
    {
        SharedSignal.Ticket ticket = _signal.Prepare();
        _signal.Notify();
        Assert.Equal(WaitOutcome.Changed, _signal.Wait(ticket, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void The_signal_flag_is_up_from_Prepare_to_the_next_Notify()
    {
        SignalFlag flag = _signal.Flag;
        Assert.False(flag.IsUp);
        _ = _signal.Prepare();
        Assert.True(flag.IsUp);
        _signal.Notify();
        Assert.False(flag.IsUp);
    }

    [Fact]
    public void A_Prepare_without_a_wait_causes_exactly_one_needless_wake_up()
    {
        _ = _signal.Prepare();
        int before = _region.All.ReadInt32(128);
        _signal.Notify();
        _signal.Notify();
        _signal.Notify();
        Assert.Equal(before + 1, _region.All.ReadInt32(128));
        Assert.Equal(WaitOutcome.TimedOut, _signal.Wait(_signal.Prepare(), TimeSpan.FromMilliseconds(1)));
    }

    /// <summary>The publisher dies between its store and its wake-up call: the waiter is not woken, and the flag still reports a
    /// waiter.</summary>
    [Fact]
    public async Task The_next_publisher_wakes_a_waiter_that_a_killed_publisher_did_not_wake()
    {
        SharedSignal.Ticket ticket = _signal.Prepare();
        Task<WaitOutcome> sleeper = Task.Factory.StartNew(() => _signal.Wait(ticket, s_long), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using MemoryRegion dying =
            MemoryRegion.Over(_region.All, RegionAccess.ReadWrite, new WakingBy(() => throw new InvalidOperationException("killed")));
        Assert.Throws<InvalidOperationException>(new SharedSignal(dying, 64).Notify);
        Assert.True(_signal.Flag.IsUp);
        _signal.Notify();
        Assert.NotEqual(WaitOutcome.TimedOut, await sleeper.WaitAsync(s_long));
        Assert.False(_signal.Flag.IsUp);
    }

    [Fact]
    public void A_waiter_that_prepares_during_a_wake_up_is_woken_by_the_next_Notify()
    {
        SharedSignal.Ticket late = default;
        using MemoryRegion busy = MemoryRegion.Over(_region.All, RegionAccess.ReadWrite, new WakingBy(() => late = _signal.Prepare()));
        _ = _signal.Prepare();
        new SharedSignal(busy, 64).Notify();
        Assert.True(_signal.Flag.IsUp);
        _signal.Notify();
        Assert.Equal(WaitOutcome.Changed, _signal.Wait(late, Timeout.InfiniteTimeSpan));
    }

    /// <summary>Every waiter reaches the end of a count that another thread raises, and its waits end only by a wake-up.</summary>
    [Fact]
    public async Task Several_waiters_are_woken_until_they_see_the_last_of_many_notified_values()
    {
        const int End = 20_000;
        Task[] sleepers = [.. Enumerable.Range(0, 3)
            .Select(_ =>
                Task.Factory.StartNew(() => SleepUntil(End), CancellationToken.None, TaskCreationOptions.LongRunning,
                    TaskScheduler.Default))];
        for (int count = 1; count <= End; count++)
        {
            _region.All.WriteInt32Release(1024, count);
            _signal.Notify();
            if (count % 100 == 0)
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(sleepers).WaitAsync(s_long);
    }

    [Fact]
    public void Notify_without_a_waiter_allocates_nothing() => Assert.Equal(0, AllocationMeter.OnThisThread(1_000, _signal.Notify));

    [Fact]
    public void Unaligned_or_read_only_memory_throws()
    {
        Assert.Throws<ArgumentException>(() => new SharedSignal(_region, 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedSignal(_region, 4096));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedSignal(_region, -64));
        using MemoryRegion reader = MemoryRegion.Over(_region.All, RegionAccess.ReadOnly, new Silent());
        Assert.Throws<ArgumentException>(() => new SharedSignal(reader, 0));
    }

    private void SleepUntil(int end)
    {
        while (_region.All.ReadInt32Acquire(1024) < end)
        {
            SharedSignal.Ticket ticket = _signal.Prepare();
            if (_region.All.ReadInt32Acquire(1024) < end && _signal.Wait(ticket, s_long) == WaitOutcome.TimedOut)
            {
                throw new TimeoutException("a wake-up was lost");
            }
        }
    }

    private sealed class Silent : RegionBacking;

    private sealed class WakingBy(Action wake) : RegionBacking
    {
        public override void Wake(long offset, int count) => wake();
    }
}
