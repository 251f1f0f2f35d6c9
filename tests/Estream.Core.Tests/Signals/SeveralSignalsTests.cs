using Estream.Core.Internal;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>A thread sleeps at several signals at once.</summary>
public sealed class SeveralSignalsTests : IDisposable
{
    private const int Spacing = 256;
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    private readonly TempDirectory _directory = new();
    private readonly MemoryRegion _region;
    private readonly List<SharedSignal.Ticket> _tickets = [];

    public SeveralSignalsTests()
    {
        _region = FileStorage.Instance.CreateRegion(_directory.Combine("signals"), 1_024 * Spacing);
    }

    public void Dispose()
    {
        Futex.CanWaitAny = true;
        _region.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void This_machine_has_a_kernel_with_futex_waitv()
    {
        Prepare(2);
        Assert.Equal(WaitOutcome.TimedOut, SharedSignal.WaitAny(_tickets, TimeSpan.FromMilliseconds(1)));
        Assert.True(Futex.CanWaitAny);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(900)]
    public void A_notification_of_any_signal_between_announcement_and_sleep_ends_the_sleep(int notified)
    {
        List<SharedSignal> signals = Prepare(notified + 1);
        signals[notified].Notify();
        Assert.Equal(WaitOutcome.Changed, SharedSignal.WaitAny(_tickets, s_long));
        Assert.Equal([.. signals.Select(signal => signal == signals[notified])], _tickets.Select(ticket => ticket.IsNotified));
        Assert.Equal(notified, signals.Count(signal => signal.Flag.IsUp));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 3)]
    [InlineData(128, 127)]
    public async Task A_notification_of_any_signal_wakes_the_sleeper(int count, int notified)
    {
        List<SharedSignal> signals = Prepare(count);
        Task<WaitOutcome> sleeper = Sleep(s_long);
        using MemoryRegion mapping = FileStorage.Instance.OpenRegion(_directory.Combine("signals"), RegionAccess.ReadOnly);
        long word = (notified * Spacing) + 64;
        Eventually.True(() => mapping.WakeInt32(word) == 1, "the sleeper sleeps at the word of the signal");
        Assert.Equal(WaitOutcome.Woken, await sleeper.WaitAsync(s_long));
        Assert.False(_tickets[notified].IsNotified);
        sleeper = Sleep(s_long);
        signals[notified].Notify();
        Assert.NotEqual(WaitOutcome.TimedOut, await sleeper.WaitAsync(s_long));
        Assert.True(_tickets[notified].IsNotified);
    }

    /// <summary>The kernel cannot wake the sleeper for its last signal, so the sleep ends after at most 10 ms.</summary>
    [Theory]
    [InlineData(129, true)]
    [InlineData(2, false)]
    public async Task A_sleeper_that_the_kernel_cannot_wake_for_all_signals_returns_without_a_reason(int count, bool canWaitAny)
    {
        Futex.CanWaitAny = canWaitAny;
        _ = Prepare(count);
        Assert.Equal(WaitOutcome.Woken, await Sleep(Timeout.InfiniteTimeSpan).WaitAsync(s_long));
        Assert.Equal(WaitOutcome.TimedOut, await Sleep(TimeSpan.FromMilliseconds(1)).WaitAsync(s_long));
    }

    /// <summary>A second mapping stands for a second process: the kernel identifies a word by its file, not by its address.</summary>
    [Fact]
    public async Task Several_sleepers_at_overlapping_signals_lose_no_wake_up()
    {
        const int Count = 60;
        int rounds = LongRun.Count(20_000, 1_000_000);
        using MemoryRegion mapping = FileStorage.Instance.OpenRegion(_directory.Combine("signals"), RegionAccess.ReadWrite);
        List<SharedSignal> publishers = Signals(mapping, Count);
        Task[] sleepers = [.. Enumerable.Range(0, 3).Select(sleeper => Task.Factory.StartNew(() => Follow(sleeper), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Random random = new(9);
        for (int round = 1; round <= rounds; round++)
        {
            int signal = round == rounds ? Count / 2 : random.Next(Count);
            mapping.All.WriteInt32Release(Data(signal), round);
            publishers[signal].Notify();
            if (random.Next(50) == 0)
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(sleepers).WaitAsync(s_long);

        void Follow(int sleeper)
        {
            List<SharedSignal> signals = Signals(_region, Count)[(sleeper * 10)..(Count - (sleeper * 5))];
            List<SharedSignal.Ticket> tickets = [];
            while (_region.All.ReadInt32Acquire(Data(Count / 2)) < rounds)
            {
                SharedSignal.PrepareAll(signals, tickets);
                if (_region.All.ReadInt32Acquire(Data(Count / 2)) < rounds
                    && SharedSignal.WaitAny(tickets, s_long) == WaitOutcome.TimedOut)
                {
                    throw new TimeoutException("a wake-up was lost");
                }
            }
        }
    }

    [Fact]
    public void A_sleep_at_several_signals_allocates_nothing()
    {
        List<SharedSignal> signals = Prepare(100);
        Assert.Equal(0, AllocationMeter.OnThisThread(100, () =>
        {
            SharedSignal.PrepareAll(signals, _tickets);
            signals[99].Notify();
            _ = SharedSignal.WaitAny(_tickets, s_long);
        }));
    }

    private static long Data(int signal) => (signal * Spacing) + SharedSignal.Bytes;

    private static List<SharedSignal> Signals(MemoryRegion region, int count) =>
        [.. Enumerable.Range(0, count).Select(signal => new SharedSignal(region, signal * Spacing))];

    private List<SharedSignal> Prepare(int count)
    {
        List<SharedSignal> signals = Signals(_region, count);
        SharedSignal.PrepareAll(signals, _tickets);
        return signals;
    }

    private Task<WaitOutcome> Sleep(TimeSpan timeout) => Task.Factory.StartNew(() => SharedSignal.WaitAny(_tickets, timeout),
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
