using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Calls for many keys give the same results as single calls, also while the map migrates to another table.</summary>
public sealed class BatchTests
{
    [Theory]
    [InlineData(MapHome.Memory)]
    [InlineData(MapHome.Files)]
    public void Bulk_calls_with_small_values_match_single_calls(MapHome home) => Check<long, long>(home, key => key * 7, number => number);

    [Fact]
    public void Bulk_calls_with_journaled_values_match_single_calls() =>
        Check<long, Guid>(MapHome.Files, key => key, number => new Guid((int)number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));

    [Fact]
    public void Bulk_calls_throw_for_lengths_that_do_not_match()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        Assert.Throws<ArgumentException>(() => map.GetMany(new long[3], new long[2], new bool[3]));
        Assert.Throws<ArgumentException>(() => map.GetMany(new long[3], new long[3], new bool[2]));
        Assert.Throws<ArgumentException>(() => map.PutMany(new long[3], new long[2]));
        Assert.Throws<ArgumentException>(() => map.CompareExchangeMany(new long[3], new long[2], new long[3], new bool[3]));
        Assert.Throws<ArgumentException>(() => map.CompareExchangeMany(new long[3], new long[3], new long[3], new bool[2]));
        Assert.Equal(0, map.PutMany([], []));
        Assert.Equal(0, map.GetMany([], [], []));
    }

    [Fact]
    public void Bulk_calls_allocate_nothing()
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        long[] keys = [.. Enumerable.Range(0, 100).Select(key => (long)key)];
        long[] values = new long[100];
        bool[] found = new bool[100];
        long bytes = AllocationMeter.OnThisThread(1_000, () =>
        {
            map.PutMany(keys, values);
            map.GetMany(keys, values, found);
            map.CompareExchangeMany(keys, values, values, found);
        });
        Assert.Equal(0, bytes);
    }

    private static void Check<TKey, TValue>(MapHome home, Func<long, TKey> keyOf, Func<long, TValue> valueOf)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using MapUnderTest<TKey, TValue> under = new(home);
        Dictionary<TKey, TValue> model = [];
        Random random = new(3);
        for (int round = 0; round < 600; round++)
        {
            TKey[] keys = [.. Enumerable.Range(0, random.Next(70)).Select(_ => keyOf(random.Next(20_000)))];
            TValue[] values = [.. keys.Select(_ => valueOf(random.Next(3)))];
            int added = keys.Count(key => !model.ContainsKey(key) && model.TryAdd(key, default));
            for (int i = 0; i < keys.Length; i++)
            {
                model[keys[i]] = values[i];
            }

            Assert.Equal(added, under.Map.PutMany(keys, values));
            CheckExchange(under.Map, model, random, keyOf, valueOf);
            TKey[] asked = [.. Enumerable.Range(0, random.Next(70)).Select(_ => keyOf(random.Next(20_000)))];
            var found = new bool[asked.Length + 3];
            var answers = new TValue[asked.Length + 1];
            Assert.Equal(asked.Count(model.ContainsKey), under.Map.GetMany(asked, answers, found));
            for (int i = 0; i < asked.Length; i++)
            {
                Assert.Equal(model.TryGetValue(asked[i], out TValue expected), found[i]);
                Assert.Equal(expected, answers[i]);
            }

            Assert.Equal(model.Count, under.Map.Count);
        }
    }

    private static void CheckExchange<TKey, TValue>(
        StateMap<TKey, TValue> map, Dictionary<TKey, TValue> model, Random random, Func<long, TKey> keyOf, Func<long, TValue> valueOf)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        TKey[] keys = [.. Enumerable.Range(0, random.Next(40)).Select(_ => keyOf(random.Next(20_000))).Distinct()];
        TValue[] expected = [.. keys.Select(_ => valueOf(random.Next(3)))];
        TValue[] replacements = [.. keys.Select(_ => valueOf(random.Next(3)))];
        var replaced = new bool[keys.Length];
        int count = map.CompareExchangeMany(keys, expected, replacements, replaced);
        Assert.Equal(count, replaced.Count(r => r));
        for (int i = 0; i < keys.Length; i++)
        {
            bool isExpected = model.TryGetValue(keys[i], out TValue current) && current.Equals(expected[i]);
            Assert.Equal(isExpected, replaced[i]);
            if (isExpected)
            {
                model[keys[i]] = replacements[i];
            }
        }
    }
}
