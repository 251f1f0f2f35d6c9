namespace Estream.Core.Tests;

public sealed class ThreadCpuClockTests
{
    [Fact]
    public void The_thread_clock_counts_the_work_of_its_own_thread_only()
    {
        long begin = ThreadCpuClock.Nanos;
        Thread other = new(static () => Work(200_000_000));
        other.Start();
        other.Join();
        long waited = ThreadCpuClock.Nanos;
        long rounds = Work(50_000_000);
        long worked = ThreadCpuClock.Nanos;

        Assert.True(rounds > 0);

        // The test compares values of this thread's CPU clock only, because wall-clock time proves nothing.
        Assert.True(begin >= 0 && waited - begin < 100_000_000 && worked >= waited + 50_000_000, $"{begin} {waited} {worked}");
    }

    // Runs until the thread has used this much processor time.
    private static long Work(long nanos)
    {
        long end = ThreadCpuClock.Nanos + nanos;
        long rounds = 0;
        while (ThreadCpuClock.Nanos < end)
        {
            rounds++;
        }

        return rounds;
    }
}
