namespace Estream.Testing.Tests;

public sealed class MeterTests
{
    private static object? s_kept;

    [Fact]
    public void Code_that_allocates_nothing_measures_zero()
    {
        int sum = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => sum++));
    }

    [Fact]
    public void Every_byte_is_counted()
    {
        long bytes = AllocationMeter.OnThisThread(1_000, () => s_kept = new byte[100]);
        Assert.True(bytes >= 100_000, $"{bytes} bytes for a thousand arrays of 100");
        Assert.NotNull(s_kept);
    }

    [Fact]
    public void Other_threads_count_where_all_are_asked_for()
    {
        long bytes = AllocationMeter.OnAllThreads(() => Task.Run(() => s_kept = new byte[1_000_000]).Wait());
        Assert.True(bytes >= 1_000_000, $"{bytes} bytes for an array of a million");
    }

    [Fact]
    public async Task Asynchronous_work_counts_too()
    {
        long bytes = await AllocationMeter.OnAllThreadsAsync(() => Task.Run(() => s_kept = new byte[1_000_000]));
        Assert.True(bytes >= 1_000_000, $"{bytes} bytes for an array of a million");
    }
}
