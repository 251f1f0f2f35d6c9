namespace Estream.Map.Tests;

public sealed class EnumerationTests
{
    [Fact]
    public void Enumeration_returns_every_entry_once()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(0);
        Assert.Empty(map);
        for (long key = 0; key < 5_000; key++)
        {
            map.Put(key, -key);
        }

        Dictionary<long, long> seen = map.ToDictionary(pair => pair.Key, pair => pair.Value);
        Assert.Equal(5_000, seen.Count);
        Assert.All(seen, pair => Assert.Equal(-pair.Key, pair.Value));
    }

    [Fact]
    public void Enumeration_returns_a_stable_entry_once_while_others_change_and_the_map_grows()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>(2_000);
        for (long key = 0; key < 2_000; key++)
        {
            map.Put(key, 1);
        }

        List<long> seen = [];
        long stranger = 1_000_000;
        long capacity = map.Capacity;
        foreach ((long key, _) in map)
        {
            seen.Add(key);
            map.Remove(key + 1 < 1_000 ? key + 1 : 500);
            map.Put(stranger++, 2);
            map.Put(stranger++, 2);
            map.Put(1_500, seen.Count);
        }

        Assert.True(map.Capacity > capacity, "the map is to grow under the enumeration");
        Assert.Equal(Enumerable.Range(1_000, 1_000).Select(k => (long)k), seen.Where(k => k is >= 1_000 and < 2_000).Order());
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public void An_enumerator_can_be_reset()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        map.Put(1, 1);
        StateMap<long, long>.Enumerator entries = map.GetEnumerator();
        Assert.True(entries.MoveNext());
        Assert.False(entries.MoveNext());
        Assert.False(entries.MoveNext());
        entries.Reset();
        Assert.True(entries.MoveNext());
        Assert.Equal(1, entries.Current.Key);
    }
}
