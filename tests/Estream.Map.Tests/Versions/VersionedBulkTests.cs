using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Calls for many keys of a versioned map give the same results as single calls, also while the map migrates to another
/// table.</summary>
public sealed class VersionedBulkTests
{
    private const int KeyRange = 20_000;

    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void Bulk_calls_match_single_calls(MapHome home)
    {
        using TempDirectory directory = new();
        using VersionedMap<long, Guid> map = home == MapHome.Memory
            ? VersionedMap.CreateInMemory<long, Guid>()
            : VersionedMap.Open<long, Guid>(directory.Path);
        Dictionary<long, (Guid Value, long Version)> model = [];
        Random random = new(3);
        for (int round = 0; round < 600; round++)
        {
            Put(map, model, random);
            Exchange(map, model, random);
            Get(map, model, random);
            Assert.Equal(model.Count, map.Count);
        }
    }

    [Fact]
    public void Bulk_calls_do_not_return_expired_entries()
    {
        var clock = new ManualClock();
        using VersionedMap<long, long> map = VersionedMap.CreateInMemory<long, long>(new MapOptions { Clock = clock });
        long[] versions = new long[3];
        bool[] stored = new bool[3];
        map.PutMany([1, 2], [10, 20], versions, TimeSpan.FromSeconds(1));
        Assert.Equal(1, map.CompareExchangeMany([3], [0], [30], versions, stored, TimeSpan.FromSeconds(5)));
        long[] values = new long[3];
        Assert.Equal(3, map.GetMany([1, 2, 3], values, versions));
        Assert.Equal([10, 20, 30], values);
        clock.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(1, map.GetMany([1, 2, 3], values, versions));
        Assert.Equal([0, 0, 30], values);
        Assert.Equal((0L, 0L, true), (versions[0], versions[1], versions[2] > 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.PutMany([1], [1], versions, TimeSpan.Zero));
    }

    [Fact]
    public void Bulk_calls_throw_for_lengths_that_do_not_match()
    {
        using VersionedMap<long, long> map = VersionedMap.CreateInMemory<long, long>();
        Assert.Throws<ArgumentException>(() => map.GetMany(new long[3], new long[2], new long[3]));
        Assert.Throws<ArgumentException>(() => map.GetMany(new long[3], new long[3], new long[2]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new long[3], new long[2], new long[3]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new long[3], new long[3], new long[2]));
        Assert.Throws<ArgumentException>(() => map.CompareExchangeMany(new long[3], new long[2], new long[3], new long[3], new bool[3]));
        Assert.Throws<ArgumentException>(() => map.CompareExchangeMany(new long[3], new long[3], new long[2], new long[3], new bool[3]));
        Assert.Throws<ArgumentException>(() => map.CompareExchangeMany(new long[3], new long[3], new long[3], new long[2], new bool[3]));
        Assert.Throws<ArgumentException>(() => map.CompareExchangeMany(new long[3], new long[3], new long[3], new long[3], new bool[2]));
        Assert.Equal(0, map.Count);
        map.PutMany([], [], []);
        Assert.Equal(0, map.GetMany([], [], []));
        Assert.Equal(0, map.CompareExchangeMany([], [], [], [], []));
    }

    [Fact]
    public void Bulk_writes_throw_on_a_read_only_map()
    {
        using TempDirectory directory = new();
        long[] versions = new long[1];
        using VersionedMap<long, long> map = VersionedMap.Open<long, long>(directory.Path);
        map.PutMany([1], [7], versions);
        using VersionedMap<long, long> reader = VersionedMap.OpenReadOnly<long, long>(directory.Path);
        long[] values = new long[1];
        Assert.Equal(1, reader.GetMany([1], values, versions));
        Assert.Equal(7, values[0]);
        Assert.Throws<InvalidOperationException>(() => reader.PutMany([1], [7], versions));
        Assert.Throws<InvalidOperationException>(() => reader.CompareExchangeMany([1], [1], [7], versions, new bool[1]));
    }

    [Fact]
    public void Bulk_calls_allocate_nothing()
    {
        using VersionedMap<long, long> map = VersionedMap.CreateInMemory<long, long>();
        long[] keys = [.. Enumerable.Range(0, 100).Select(key => (long)key)];
        long[] values = new long[100];
        long[] versions = new long[100];
        bool[] stored = new bool[100];
        int replaced = 0;
        long bytes = AllocationMeter.OnThisThread(1_000, () =>
        {
            map.PutMany(keys, values, versions);
            map.GetMany(keys, values, versions);
            replaced = map.CompareExchangeMany(keys, versions, values, versions, stored);
        });
        Assert.Equal((0L, 100), (bytes, replaced));
    }

    private static void Put(VersionedMap<long, Guid> map, Dictionary<long, (Guid Value, long Version)> model, Random random)
    {
        long[] keys = [.. Enumerable.Range(0, random.Next(70)).Select(_ => random.NextInt64(KeyRange))];
        Guid[] values = [.. keys.Select(_ => ValueOf(random))];
        long[] versions = new long[keys.Length + 2];
        map.PutMany(keys, values, versions);
        for (int i = 0; i < keys.Length; i++)
        {
            Assert.True(versions[i] > VersionOf(model, keys[i]));
            model[keys[i]] = (values[i], versions[i]);
        }
    }

    private static void Exchange(VersionedMap<long, Guid> map, Dictionary<long, (Guid Value, long Version)> model, Random random)
    {
        long[] keys = [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.NextInt64(KeyRange)).Distinct()];
        Guid[] values = [.. keys.Select(_ => ValueOf(random))];
        long[] expected =
            [.. keys.Select(key => random.Next(3) switch { 0 => 0, 1 => VersionOf(model, key) + 1, _ => VersionOf(model, key) })];
        long[] versions = new long[keys.Length];
        bool[] stored = new bool[keys.Length + 1];
        int count = map.CompareExchangeMany(keys, expected, values, versions, stored);
        Assert.Equal(count, stored.Count(isStored => isStored));
        for (int i = 0; i < keys.Length; i++)
        {
            long before = VersionOf(model, keys[i]);
            Assert.Equal(expected[i] == before, stored[i]);
            if (stored[i])
            {
                Assert.True(versions[i] > before);
                model[keys[i]] = (values[i], versions[i]);
            }
            else
            {
                Assert.Equal(before, versions[i]);
            }
        }
    }

    private static void Get(VersionedMap<long, Guid> map, Dictionary<long, (Guid Value, long Version)> model, Random random)
    {
        long[] asked = [.. Enumerable.Range(0, random.Next(70)).Select(_ => random.NextInt64(KeyRange))];
        Guid[] answers = new Guid[asked.Length + 1];
        long[] versions = new long[asked.Length + 3];
        Assert.Equal(asked.Count(model.ContainsKey), map.GetMany(asked, answers, versions));
        for (int i = 0; i < asked.Length; i++)
        {
            model.TryGetValue(asked[i], out (Guid Value, long Version) expected);
            Assert.Equal(expected, (answers[i], versions[i]));
        }
    }

    private static long VersionOf(Dictionary<long, (Guid Value, long Version)> model, long key) =>
        model.TryGetValue(key, out (Guid Value, long Version) known) ? known.Version : 0;

    private static Guid ValueOf(Random random) => new(random.Next(3), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
}
