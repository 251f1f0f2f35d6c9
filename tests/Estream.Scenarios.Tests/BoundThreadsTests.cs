using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Tests;

public sealed class BoundThreadsTests
{
    [Fact]
    public void Each_thread_does_its_own_work_in_every_round()
    {
        using var threads = new BoundThreads(2);
        for (int round = 1; round <= 3; round++)
        {
            IReadOnlyList<RunResult> results = threads.Run(thread => new RunResult(round, thread + 1));

            Assert.Equal([new RunResult(round, 1), new RunResult(round, 2)], results);
        }
    }

    /// <summary>Two threads waited 100 ns and 200 ns. The first argument is how long helper threads of the process ran meanwhile, in ns;
    /// the others are the waits that count.</summary>
    [Theory]
    [InlineData(0, 100, 200)]
    [InlineData(150, 50, 100)]
    [InlineData(300, 0, 0)]
    [InlineData(400, 0, 0)]
    [InlineData(-20, 100, 200)]
    public void Waiting_for_own_helper_threads_is_not_a_disturbance(long helpers, long first, long second)
    {
        IReadOnlyList<RunResult> parts = BoundThreads.Undisturbed(
            [new RunResult(10, 1_000) { WaitedNanos = 100, Check = 1 }, new RunResult(10, 900) { WaitedNanos = 200 }], helpers);

        Assert.Equal([new RunResult(10, 1_000) { WaitedNanos = first, Check = 1 }, new RunResult(10, 900) { WaitedNanos = second }], parts);
    }

    [Fact]
    public void A_thread_that_did_not_wait_was_not_disturbed()
    {
        Assert.Equal(
            [new RunResult(10, 1_000) { WaitedNanos = 0 }, new RunResult(10, 900)],
            BoundThreads.Undisturbed([new RunResult(10, 1_000) { WaitedNanos = 0 }, new RunResult(10, 900)], 50));
    }

    [Fact]
    public void A_failure_on_a_thread_fails_the_round()
    {
        using var threads = new BoundThreads(2);

        ScenarioException failure = Assert.Throws<ScenarioException>(
            () => threads.Run(thread => thread == 0 ? new RunResult(1, 1) : throw new InvalidOperationException("no room")));

        Assert.Contains("no room", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Combined_rounds_add_operations_and_average_times()
    {
        RunResult whole = BoundThreads.Combined(
        [
            new RunResult(10, 100) { WaitedNanos = 20, AllocatedBytes = 1, Check = 5 },
            new RunResult(10, 300) { WaitedNanos = 0, AllocatedBytes = 2, Check = 6 },
        ]);

        Assert.Equal(new RunResult(20, 200) { WaitedNanos = 10, AllocatedBytes = 3, Check = 11 }, whole);
    }
}
