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
    public void Every_allocated_byte_is_counted()
    {
        long bytes = AllocationMeter.OnThisThread(1_000, () => s_kept = new byte[100]);
        Assert.True(bytes >= 100_000, $"{bytes} bytes for a thousand arrays of 100");
        Assert.NotNull(s_kept);
    }

    [Fact]
    public void Allocations_of_other_threads_count_in_OnAllThreads()
    {
        long bytes = AllocationMeter.OnAllThreads(() => Task.Run(() => s_kept = new byte[1_000_000]).Wait());
        Assert.True(bytes >= 1_000_000, $"{bytes} bytes for an array of a million");
    }

    [Fact]
    public async Task Allocations_of_asynchronous_work_are_counted()
    {
        long bytes = await AllocationMeter.OnAllThreadsAsync(() => Task.Run(() => s_kept = new byte[1_000_000]));
        Assert.True(bytes >= 1_000_000, $"{bytes} bytes for an array of a million");
    }
}
