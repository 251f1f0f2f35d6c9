using Estream.Core.Internal;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Sleeping until something shared changes.</summary>
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
    public void The_kernel_of_this_machine_has_barriers_across_processes()
    {
        Assert.True(ProcessBarrier.IsRegistered);
        Assert.True(ProcessBarrier.TryIssue());
    }

    [Fact]
    public void A_change_between_preparing_and_waiting_is_not_slept_over()
    {
        SharedSignal.Ticket ticket = _signal.Prepare();
        _signal.Notify();
        Assert.Equal(WaitOutcome.Changed, _signal.Wait(ticket, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void The_flag_is_up_from_preparing_to_the_next_change()
    {
        SignalFlag flag = _signal.Flag;
        Assert.False(flag.IsUp);
        _ = _signal.Prepare();
        Assert.True(flag.IsUp);
        _signal.Notify();
        Assert.False(flag.IsUp);
    }

    [Fact]
    public void Who_prepared_in_vain_leaves_one_needless_wake_up_and_no_more()
    {
        _ = _signal.Prepare();
        int before = _region.All.ReadInt32(128);
        _signal.Notify();
        _signal.Notify();
        _signal.Notify();
        Assert.Equal(before + 1, _region.All.ReadInt32(128));
        Assert.Equal(WaitOutcome.TimedOut, _signal.Wait(_signal.Prepare(), TimeSpan.FromMilliseconds(1)));
    }

    /// <summary>Every sleeper gets to the end of a count that somebody else raises, with sleeps that end only by being woken.</summary>
    [Fact]
    public async Task Several_sleepers_follow_a_count_without_missing_its_end()
    {
        const int End = 20_000;
        Task[] sleepers = [.. Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() => SleepUntil(End), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
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
    public void Notifying_nobody_allocates_nothing() => Assert.Equal(0, AllocationMeter.OnThisThread(1_000, _signal.Notify));

    [Fact]
    public void Memory_that_does_not_do_is_refused()
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
}
