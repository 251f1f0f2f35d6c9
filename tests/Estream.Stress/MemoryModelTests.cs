using Estream.Core;
using Estream.Testing;

namespace Estream.Stress;

/// <summary>The guarantees of shared memory accesses on which the product relies. Each is tested by two threads that would reveal a
/// violation. docs/testing.md describes the model. These tests are separate, because they need a processor for each thread.</summary>
public sealed class MemoryModelTests
{
    private static readonly long s_rounds = LongRun.Count(500_000, 10_000_000);

    /// <summary>Message passing: a thread that acquires the flag sees the writes before its release. The length word of a queue is such a
    /// flag.</summary>
    [Fact]
    public void Writes_before_a_release_are_visible_after_its_acquire()
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionSpan memory = region.All;
        int flag = 0;
        long data = 0;
        AssertHolds(
            () =>
            {
                memory.WriteInt64(0, 0);
                memory.WriteInt32Release(128, 0);
            },
            () =>
            {
                memory.WriteInt64(0, 42);
                memory.WriteInt32Release(128, 1);
            },
            () =>
            {
                flag = memory.ReadInt32Acquire(128);
                data = memory.ReadInt64(0);
            },
            () => flag == 1 && data != 42);
    }

    /// <summary>Store buffering: if two threads each exchange one word and then read the other word, at least one sees the other's
    /// write.</summary>
    [Fact]
    public void An_exchange_is_a_full_fence()
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionSpan memory = region.All;
        int left = 0;
        int right = 0;
        AssertHolds(
            () =>
            {
                memory.WriteInt32Release(0, 0);
                memory.WriteInt32Release(128, 0);
            },
            () =>
            {
                memory.ExchangeInt32(0, 1);
                left = memory.ReadInt32(128);
            },
            () =>
            {
                memory.ExchangeInt32(128, 1);
                right = memory.ReadInt32(0);
            },
            () => left == 0 && right == 0);
    }

    [Fact]
    public void An_addition_is_a_full_fence_and_gives_each_thread_its_own_slot()
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionSpan memory = region.All;
        long first = 0;
        long second = 0;
        int left = 0;
        int right = 0;
        AssertHolds(
            () =>
            {
                memory.WriteInt64Release(256, 0);
                memory.WriteInt32Release(0, 0);
                memory.WriteInt32Release(128, 0);
            },
            () =>
            {
                memory.WriteInt32(0, 1);
                first = memory.AddInt64(256, 8);
                left = memory.ReadInt32(128);
            },
            () =>
            {
                memory.WriteInt32(128, 1);
                second = memory.AddInt64(256, 8);
                right = memory.ReadInt32(0);
            },
            () => (left == 0 && right == 0) || first == second || first + second != 24);
    }

    /// <summary>The sequence lock of a map bucket: a copy made between two equal reads of the control word is whole.</summary>
    [Fact]
    public void A_copy_between_two_equal_control_words_is_whole()
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionSpan memory = region.All;
        RegionBlocks blocks = memory.AsBlocks(0, 16, 256);
        bool isTorn = false;
        long version = 0;
        AssertHolds(
            () => isTorn = false,
            () =>
            {
                RegionBlock block = blocks[0];
                block.WriteInt64Release(0, ++version);
                Volatile.WriteBarrier();
                block.At<long>(64) = version;
                block.At<long>(192) = version;
                block.WriteInt64Release(0, ++version);
            },
            () =>
            {
                RegionBlock block = blocks[0];
                long before = block.ReadInt64Acquire(0);
                long one = block.ReadOnlyAt<long>(64);
                long two = block.ReadOnlyAt<long>(192);
                Volatile.ReadBarrier();
                isTorn = before % 2 == 0 && block.ReadInt64(0) == before && one != two;
            },
            () => isTorn);
    }

    [Fact]
    public void No_wake_up_is_lost_with_the_barrier() => Assert.Equal(-1, SignalStress.RoundsUntilALostWakeUp(s_rounds));

    /// <summary>Runs the same stress test on the source of the signal without its one barrier. The failure shows that the barrier is
    /// needed, and that the test detects a missing barrier.</summary>
    [TwoProcessorsFact]
    public void A_wake_up_is_lost_without_the_barrier() => AssertBreaks("signal", "lost after ");

    /// <summary>The stripe lock of a map: one atomic instruction decides which of several writers owns the stripe.</summary>
    [Fact]
    public void A_lock_has_one_owner() => Assert.Equal(-1, StripeLockStress.RoundsUntilBothHaveIt(s_rounds));

    [Fact]
    public void One_of_several_writers_gets_the_lock_of_a_dead_owner() =>
        Assert.Equal(-1, StripeLockStress.RoundsUntilBothTakeOver(s_rounds));

    [Fact]
    public void Stores_of_the_last_lock_owner_are_visible_to_the_next() =>
        Assert.Equal(-1, StripeLockStress.RoundsUntilAnAdditionIsLost(s_rounds));

    [TwoProcessorsFact]
    public void A_lock_without_its_atomic_instruction_has_two_owners() => AssertBreaks("stripe", "both after ");

    private static void AssertBreaks(string stress, string outcome)
    {
        const long Plenty = 2_000_000_000;
        string program = BuiltProgram.Find("tests/Estream.Stress.WithoutBarrier", "Estream.Stress.WithoutBarrier.dll");
        using ChildProcess broken = ChildProcess.StartDotnet(program, [stress, $"{Plenty}"]);
        broken.Input.Close();
        Assert.StartsWith(outcome, broken.WaitForExit(TimeSpan.FromMinutes(10)).EnsureSuccess().Output, StringComparison.Ordinal);
    }

    private static void AssertHolds(Action prepare, Action first, Action second, Func<bool> isWrong) =>
        Assert.Equal(-1, TwoThreads.RoundsUntilWrong(s_rounds, prepare, first, second, isWrong));
}
