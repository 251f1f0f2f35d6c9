using Estream.Core;
using Estream.Map.Internal;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Several map objects, as in several processes, and several threads write one map.</summary>
public sealed class MultiWriterTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_write_of_one_writer_is_visible_to_the_others_at_once()
    {
        using StateMap<long, long> first = Open<long>();
        using StateMap<long, long> second = Open<long>();
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(_directory.Path);
        for (long key = 0; key < 5_000; key++)
        {
            StateMap<long, long> writer = key % 2 == 0 ? first : second;
            StateMap<long, long> other = key % 2 == 0 ? second : first;
            Assert.True(writer.Put(key, key));
            Assert.False(other.Put(key, -key));
            Assert.True(other.CompareExchange(key, -key, key + 1));
            Assert.False(writer.CompareExchange(key, -key, 0));
            Assert.True(writer.TryGet(key, out long value) && value == key + 1);
            Assert.True(reader.TryGet(key, out value) && value == key + 1);
        }

        Assert.Equal(5_000, first.Count);
        Assert.Equal(5_000, second.CountByEnumeration());
        for (long key = 0; key < 5_000; key++)
        {
            Assert.True((key % 3 == 0 ? first : second).Remove(key));
            Assert.False(first.ContainsKey(key));
        }

        Assert.Equal(0, reader.Count);
        Assert.True(Eventually(() => !second.Remove(1) && first.Capacity < 5_000));
    }

    [Fact]
    public void A_single_writer_and_several_writers_exclude_each_other_and_can_follow_each_other()
    {
        StateMap<long, Guid> one = StateMap.Open<long, Guid>(_directory.Path);
        for (long key = 0; key < 3_000; key++)
        {
            one.Put(key, GuidOf(key));
        }

        Assert.Contains("MapWriters.Many", Assert.Throws<EstreamLeaseException>(() => Open<Guid>()).Message, StringComparison.Ordinal);
        using StateMap<long, Guid> reader = StateMap.OpenReadOnly<long, Guid>(_directory.Path);
        one.Dispose();
        using (StateMap<long, Guid> many = Open<Guid>())
        using (Open<Guid>())
        {
            Assert.Throws<EstreamLeaseException>(() => StateMap.Open<long, Guid>(_directory.Path));
            for (long key = 0; key < 4_000; key++)
            {
                Assert.Equal(key >= 3_000, many.Put(key, GuidOf(key + 1)));
                Assert.True(reader.TryGet(key, out Guid value) && value == GuidOf(key + 1));
            }
        }

        using StateMap<long, Guid> again = StateMap.Open<long, Guid>(_directory.Path);
        Assert.Equal(4_000, again.Count(pair => pair.Value == GuidOf(pair.Key + 1)));
        Assert.Equal(4_000, again.Count);
        for (long key = 0; key < 20_000; key++)
        {
            again.Put(key, GuidOf(key));
        }

        Assert.Equal(20_000, reader.CountByEnumeration());
        Assert.False(again.HostCrashed);
    }

    [Fact]
    public void The_last_writer_to_leave_closes_the_map()
    {
        StateMap<long, long> first = Open<long>();
        StateMap<long, long> second = Open<long>();
        first.Put(1, 1);
        first.Dispose();
        Assert.Equal(MetaLayout.StateOpen, WriterState());
        second.Put(2, 2);
        second.Dispose();
        Assert.Equal(MetaLayout.StateClosed, WriterState());
    }

    [Fact]
    public void Clear_applies_to_all_writers()
    {
        using StateMap<long, Guid> first = Open<Guid>();
        using StateMap<long, Guid> second = Open<Guid>();
        for (int round = 0; round < 20; round++)
        {
            for (long key = 0; key < round * 100; key++)
            {
                second.Put(key, GuidOf(key));
            }

            first.Clear();
            Assert.Equal(0, second.Count);
            Assert.True(second.Put(1, GuidOf(1)));
            Assert.False(first.Put(1, GuidOf(2)));
        }
    }

    [Fact]
    public void Bulk_calls_match_single_calls()
    {
        using StateMap<long, long> first = Open<long>();
        using StateMap<long, long> second = Open<long>();
        long[] keys = [.. Enumerable.Range(0, 3_000).Select(key => (long)key)];
        bool[] flags = new bool[keys.Length];
        Assert.Equal(keys.Length, first.PutMany(keys, keys));
        Assert.Equal(0, second.PutMany(keys, keys));
        long[] more = [.. keys.Select(key => key + 1)];
        Assert.Equal(keys.Length, second.CompareExchangeMany(keys, keys, more, flags));
        Assert.Equal(0, first.CompareExchangeMany(keys, keys, more, flags));
        long[] values = new long[keys.Length];
        Assert.Equal(keys.Length, first.GetMany(keys, values, flags));
        Assert.Equal(more, values);
    }

    [Fact]
    public async Task Concurrent_bulk_calls_of_one_object_lose_nothing_while_the_map_grows()
    {
        const int Threads = 4;
        const int Rounds = 200;
        const int Keys = 40;
        using StateMap<long, long> map = Open<long>();
        long[] shared = [.. Enumerable.Range(0, Keys).Select(key => -1L - key)];
        map.PutMany(shared, new long[Keys]);
        int[] increments = await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                int done = 0;
                long[] values = new long[Keys];
                bool[] flags = new bool[Keys];
                for (int round = 0; round < Rounds; round++)
                {
                    long first = ((long)round * Threads + thread) * Keys;
                    long[] mine = [.. Enumerable.Range(0, Keys).Select(key => first + key)];
                    Assert.Equal(Keys, map.PutMany(mine, mine));
                    Assert.Equal(Keys, map.GetMany(shared, values, flags));
                    done += map.CompareExchangeMany(shared, values, [.. values.Select(value => value + 1)], flags);
                }

                return done;
            },
            TaskCreationOptions.LongRunning)));
        long sum = 0;
        foreach (long key in shared)
        {
            Assert.True(map.TryGet(key, out long value));
            sum += value;
        }

        Assert.Equal(increments.Sum(), sum);
        Assert.Equal((Threads * Rounds * Keys) + Keys, map.Count);
        Assert.Equal(Threads * Rounds * Keys, map.Count(pair => pair.Key >= 0 && pair.Key == pair.Value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Concurrent_increments_of_the_same_values_lose_none(bool isWide)
    {
        if (isWide)
        {
            await AddByAll(number => CheckedValue.Of(number), value => value.IsWhole ? value.Operation : -1);
        }
        else
        {
            await AddByAll(number => number, value => value);
        }
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        using StateMap<long, long> numbers = Open<long>();
        using TempDirectory other = new();
        using StateMap<long, Guid> wide = StateMap.Open<long, Guid>(other.Path, new MapOptions { Writers = MapWriters.Many });
        int turn = 0;
        long bytes = AllocationMeter.OnThisThread(10_000, () =>
        {
            turn++;
            numbers.Put(turn % 700, turn);
            numbers.CompareExchange(turn % 700, turn, turn + 1);
            numbers.Remove((turn + 1) % 700);
            wide.Put(turn % 300, GuidOf(turn));
            _ = wide.TryGet(turn % 300, out Guid _);
            wide.Remove((turn + 7) % 300);
        });
        Assert.Equal(0, bytes);
    }

    // Uses two map objects with two threads each. Keys are added and removed around the counters, so that the map grows and shrinks
    // meanwhile.
    private async Task AddByAll<TValue>(Func<long, TValue> make, Func<TValue, long> read)
        where TValue : unmanaged
    {
        const int Counters = 5;
        int additions = LongRun.Count(4_000, 60_000);
        for (long key = 0; key < Counters; key++)
        {
            using StateMap<long, TValue> map = Open<TValue>();
            map.Put(key, make(0));
        }

        using StateMap<long, TValue> first = Open<TValue>();
        using StateMap<long, TValue> second = Open<TValue>();
        Task[] tasks = [.. Enumerable.Range(0, 4).Select(thread => Task.Factory.StartNew(
            () =>
            {
                StateMap<long, TValue> map = thread % 2 == 0 ? first : second;
                for (int i = 0; i < additions; i++)
                {
                    AddOne(map, i % Counters, make, read);
                    long stranger = ((thread + 1) * 1_000_000L) + (i % (additions / 2));
                    Assert.Equal(i < additions / 2, i < additions / 2 ? map.Put(stranger, make(i)) : !map.Remove(stranger));
                }
            },
            TaskCreationOptions.LongRunning))];
        await Task.WhenAll(tasks);
        Assert.Equal(Counters, first.Count);
        long sum = 0;
        foreach ((_, TValue value) in second)
        {
            sum += read(value);
        }

        Assert.Equal(additions * tasks.Length, sum);
        Assert.Equal(0, first.GetStatistics().Takeovers);
    }

    private static void AddOne<TValue>(StateMap<long, TValue> map, long key, Func<long, TValue> make, Func<TValue, long> read)
        where TValue : unmanaged
    {
        while (true)
        {
            Assert.True(map.TryGet(key, out TValue value));
            Assert.True(read(value) >= 0, "a value is a mixture of two");
            if (map.CompareExchange(key, value, make(read(value) + 1)))
            {
                return;
            }
        }
    }

    private static Guid GuidOf(long number) => new((int)number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    private static bool Eventually(Func<bool> condition)
    {
        Testing.Eventually.True(condition, "the map shrinks");
        return true;
    }

    private long WriterState()
    {
        using MemoryRegion meta = FileStorage.Instance.OpenRegion(_directory.Combine(MapFormat.MetaFile), RegionAccess.ReadOnly);
        return meta.All.ReadInt64(MetaLayout.WriterState);
    }

    private StateMap<long, TValue> Open<TValue>()
        where TValue : unmanaged =>
        StateMap.Open<long, TValue>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
}
