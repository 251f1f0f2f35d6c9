using Estream.Core;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Tests;

public sealed class ThreadFaultsTests
{
    private const int Pages = 1000;

    [Fact]
    public void Page_faults_are_counted_for_the_thread_that_causes_them()
    {
        const int PageBytes = 4096;
        using var faults = new ThreadFaults();

        // Smaller than a huge page, because a single fault would map all of a huge page.
        MemoryRegion[] regions = [.. Enumerable.Range(0, Pages).Select(_ => NativeRegion.Allocate(PageBytes))];
        long before = faults.Count()!.Value;
        foreach (MemoryRegion region in regions)
        {
            region.All.WriteInt64(0, 1);
        }

        long counted = faults.Count()!.Value - before;
        Array.ForEach(regions, region => region.Dispose());
        Assert.InRange(counted, Pages, int.MaxValue);
    }
}
