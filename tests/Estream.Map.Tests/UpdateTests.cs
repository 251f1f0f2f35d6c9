using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Reading and changing an entry in one step.</summary>
public sealed class UpdateTests : IDisposable
{
    private const int Threads = 4;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Update_throws_on_a_read_only_map_and_on_a_closed_map()
    {
        Open(MapWriters.One).Dispose();
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        Add one = new(1);
        Assert.Throws<InvalidOperationException>(() => reader.Update(1, ref one));
        StateMap<long, long> closed = Open(MapWriters.One);
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => closed.Update(1, ref one));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void An_update_that_throws_or_returns_an_invalid_decision_changes_nothing(MapWriters writers)
    {
        using StateMap<long, long> map = Open(writers);
        map.Put(1, 10);
        foreach (long key in new long[] { 1, 2 })
        {
            Throwing throwing = default;
            Assert.Throws<TimeoutException>(() => map.Update(key, ref throwing));
            Fixed nonsense = new((EntryChange)3, 99);
            Assert.Contains("Keep, Put or Remove", Assert.Throws<InvalidOperationException>(() => map.Update(key, ref nonsense)).Message,
                StringComparison.Ordinal);
        }

        // The failed updates have released the lock, too.
        Assert.True(map.TryGet(1, out long value) && value == 10);
        Assert.Equal(1, map.Count);
        Assert.False(map.Put(1, 11));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_full_disk_fails_an_update_and_nothing_changes(MapWriters writers)
    {
        FullStorage storage = new();
        using StateMap<long, long> map =
            StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers, Storage = storage });
        storage.IsFull = true;
        long next = 0;
        Add one = new(1);
        Assert.Throws<EstreamStorageException>(() =>
        {
            for (; next < 1_000; next++)
            {
                map.Update(next, ref one);
            }
        });
        Assert.Equal(next, map.Count);
        Assert.False(map.ContainsKey(next));
        Assert.Equal(EntryChange.Put, map.Update(0, ref one));
        Assert.True(map.TryGet(0, out long value) && value == 2);
        storage.IsFull = false;
        Assert.Equal(EntryChange.Put, map.Update(next, ref one));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Update_adds_changes_keeps_and_removes_entries(MapWriters writers)
    {
        using StateMap<long, long> map = Open(writers);
        for (long key = 0; key < 5_000; key++)
        {
            Add one = new(key);
            Assert.Equal(EntryChange.Put, map.Update(key, ref one));
            Assert.False(one.WasThere);
            Assert.Equal(EntryChange.Put, map.Update(key, ref one));
            Assert.True(one.WasThere);
            Assert.True(map.TryGet(key, out long value) && value == 2 * key);
        }

        Assert.Equal(5_000, map.Count);
        for (long key = 0; key < 5_000; key++)
        {
            Fixed keep = new(EntryChange.Keep, 7);
            Assert.Equal(EntryChange.Keep, map.Update(key, ref keep));
            Assert.True(map.TryGet(key, out long value) && value == 2 * key);
            Fixed remove = new(EntryChange.Remove, 7);
            Assert.Equal(EntryChange.Remove, map.Update(key, ref remove));
            Assert.Equal(EntryChange.Keep, map.Update(key, ref remove));
            Assert.False(map.ContainsKey(key));
        }

        Assert.Equal(0, map.Count);
        Assert.Equal(0, map.CountByEnumeration());
    }

    [Fact]
    public void Concurrent_updates_lose_no_increment()
    {
        using StateMap<long, long> first = Open(MapWriters.Many);
        using StateMap<long, long> second = Open(MapWriters.Many);
        int turns = LongRun.Count(5_000, 60_000);
        Parallel.For(0, Threads, thread =>
        {
            StateMap<long, long> map = thread % 2 == 0 ? first : second;
            for (int turn = 0; turn < turns; turn++)
            {
                Add one = new(1);
                map.Update(turn % 5, ref one);
                map.Update(100 + turn, ref one);
            }
        });
        Assert.Equal((long)turns * Threads, Enumerable.Range(0, 5).Sum(key => first.TryGet(key, out long value) ? value : 0));
        Assert.Equal(turns, first.Count(pair => pair.Key >= 100 && pair.Value == Threads));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Update_allocates_nothing(MapWriters writers)
    {
        using StateMap<long, long> map = Open(writers);
        long key = 0;
        long bytes = AllocationMeter.OnThisThread(10_000, () =>
        {
            Add one = new(1);
            Fixed remove = new(EntryChange.Remove, 0);
            map.Update(key++ % 20, ref one);
            map.Update(key % 20, ref remove);
        });
        Assert.Equal(0, bytes);
    }

    private StateMap<long, long> Open(MapWriters writers) =>
        StateMap.Open<long, long>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers });

    private struct Add(long amount) : IEntryUpdate<long>
    {
        public bool WasThere { get; private set; }

        public EntryChange Decide(bool isThere, ref long value)
        {
            WasThere = isThere;
            value += amount;
            return EntryChange.Put;
        }
    }

    private readonly struct Fixed(EntryChange change, long stored) : IEntryUpdate<long>
    {
        public EntryChange Decide(bool isThere, ref long value)
        {
            value = stored;
            return change;
        }
    }

    private readonly struct Throwing : IEntryUpdate<long>
    {
        public EntryChange Decide(bool isThere, ref long value) => throw new TimeoutException();
    }
}
