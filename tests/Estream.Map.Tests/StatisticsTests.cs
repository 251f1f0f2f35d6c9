using Estream.Map.Internal;

namespace Estream.Map.Tests;

public sealed class StatisticsTests
{
    [Fact]
    public void An_empty_map_has_no_probes()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(0);
        MapStatistics figures = map.GetStatistics();
        Assert.Equal((0, 192, 0, 0.0, 0.0, 0),
            (figures.Entries, figures.Slots, figures.EntriesAtHome, figures.MeanProbe, figures.Load, figures.LongestProbe));
        Assert.Equal((3, 1, 0, 0), (figures.SlotsPerBucket, figures.Stripes, figures.StripesMoved, figures.Tombstones));
        Assert.Equal(12288 + (64 * 64), figures.Bytes);
    }

    [Fact]
    public void Probes_are_short_in_a_full_map()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(20_000);
        for (long key = 0; key < map.Capacity; key++)
        {
            map.Put(key, key);
        }

        MapStatistics figures = map.GetStatistics();
        Assert.Equal(map.Count, figures.Entries);
        Assert.Equal(0.5, figures.Load);
        Assert.InRange(figures.EntriesAtHome, figures.Entries * 9 / 10, figures.Entries - 1);
        Assert.InRange(figures.MeanProbe, 1.001, 1.15);
        Assert.InRange(figures.LongestProbe, 2, 20);
    }

    [Fact]
    public void Statistics_count_every_entry_once_during_a_resize()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(20_000);
        long capacity = map.Capacity;
        long entries = 0;
        for (; map.Capacity == capacity; entries++)
        {
            map.Put(entries, entries);
        }

        MapStatistics figures = map.GetStatistics();
        Assert.Equal(entries, figures.Entries);
        Assert.InRange(figures.StripesMoved, 1, figures.Stripes - 1);
        Assert.Equal(entries, map.CountByEnumeration());
    }
}
