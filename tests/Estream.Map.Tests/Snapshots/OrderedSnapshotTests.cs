using Estream.Testing;

namespace Estream.Map.Tests;

public sealed class OrderedSnapshotTests
{
    [Fact]
    public void Keys_that_are_not_comparable_need_a_comparer()
    {
        using StateMap<Pair, long> map = StateMap.CreateInMemory<Pair, long>();
        map.Put(new Pair(1, 2), 1);
        map.Put(new Pair(0, 3), 2);
        using MapSnapshot<Pair, long> snapshot = map.CreateSnapshot();
        Assert.Contains("comparer", Assert.Throws<ArgumentException>(() => snapshot.OrderByKey()).Message, StringComparison.Ordinal);
        using OrderedSnapshot<Pair, long> ordered =
            snapshot.OrderByKey(Comparer<Pair>.Create((left, right) => left.Second.CompareTo(right.Second)));
        Assert.Equal([1L, 2L], ordered.Select(pair => pair.Value));
    }

    [Fact]
    public void A_comparer_that_throws_fails_only_that_call()
    {
        using MapSnapshot<long, long> snapshot = Numbers(100);
        Assert.Throws<InvalidOperationException>(() =>
            snapshot.OrderByKey(Comparer<long>.Create((_, _) => throw new NotSupportedException())));
        using OrderedSnapshot<long, long> ordered = snapshot.OrderByKey();
        Assert.Equal(100, ordered.Count);
    }

    [Fact]
    public void A_disposed_order_throws_and_an_order_outlives_its_snapshot()
    {
        MapSnapshot<long, long> snapshot = Numbers(100);
        OrderedSnapshot<long, long> ordered = snapshot.OrderByKey();
        snapshot.Dispose();
        Assert.Equal(100, ordered.Select(pair => pair.Key).Distinct().Count());
        OrderedSnapshot<long, long>.Enumerator entries = ordered.GetEnumerator();
        Assert.Throws<ArgumentOutOfRangeException>(() => ordered[100]);
        Assert.Throws<ArgumentOutOfRangeException>(() => ordered[-1]);
        ordered.Dispose();
        ordered.Dispose();
        Assert.Throws<ObjectDisposedException>(() => entries.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => ordered[0]);
        Assert.Throws<ObjectDisposedException>(() => ordered.CountBefore(1));
        Assert.Throws<ObjectDisposedException>(() => ordered.From(1));
    }

    [Fact]
    public void An_empty_snapshot_can_be_ordered()
    {
        using MapSnapshot<long, long> snapshot = Numbers(0);
        using OrderedSnapshot<long, long> ordered = snapshot.OrderByKey();
        Assert.Empty(ordered);
        Assert.Equal(0, ordered.CountBefore(5));
        Assert.Empty(ordered.Between(0, 9));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(5_000)]
    public void Numbers_are_ordered_by_value_and_ranges_select_from_them(int count)
    {
        Random random = new(count);
        using StateMap<int, long> map = StateMap.CreateInMemory<int, long>();
        while (map.Count < count)
        {
            int key = random.Next(-2 * count, 2 * count);
            map.Put(key, key * 3L);
        }

        int[] keys = [.. map.Select(pair => pair.Key).Order()];
        using MapSnapshot<int, long> snapshot = map.CreateSnapshot();
        using OrderedSnapshot<int, long> ordered = snapshot.OrderByKey();
        Assert.Equal(keys, ordered.Select(pair => pair.Key));
        Assert.All(ordered, pair => Assert.Equal(pair.Key * 3L, pair.Value));
        for (int turn = 0; turn < 50; turn++)
        {
            int from = random.Next(-3 * count, 3 * count);
            int to = random.Next(-3 * count, 3 * count);
            Assert.Equal(keys.Count(key => key < from), ordered.CountBefore(from));
            Assert.Equal(keys.Where(key => key >= from), ordered.From(from).Select(pair => pair.Key));
            Assert.Equal(keys.Where(key => key >= from && key < to), ordered.Between(from, to).Select(pair => pair.Key));
            Assert.Equal(keys.Count(key => key >= from && key < to), ordered.Between(from, to).Count);
        }

        int middle = count / 2;
        Assert.Equal(keys[middle], ordered[middle].Key);
        using OrderedSnapshot<int, long> reversed = snapshot.OrderByKey(Comparer<int>.Create((left, right) => right.CompareTo(left)));
        Assert.Equal(keys.Reverse(), reversed.Select(pair => pair.Key));
    }

    [Fact]
    public void Texts_are_ordered_byte_by_byte()
    {
        using StateMap<Utf8Key64, int> map = StateMap.CreateInMemory<Utf8Key64, int>();
        string[] texts = ["b", "a", "", "ab", "a\0", "ä", "Z", "pump-10", "pump-9", new string('x', 64), "\U0001F600", "\uFFFD"];
        foreach (string text in texts)
        {
            map.Put(Key(text), text.Length);
        }

        using MapSnapshot<Utf8Key64, int> snapshot = map.CreateSnapshot();
        using OrderedSnapshot<Utf8Key64, int> ordered = snapshot.OrderByKey();
        Assert.Equal(["", "Z", "a", "a\0", "ab", "b", "pump-10", "pump-9", new string('x', 64), "ä", "\uFFFD", "\U0001F600"],
            ordered.Select(pair => pair.Key.ToString()));
        Assert.Equal(["pump-10", "pump-9"], ordered.Between(Key("pump-"), Key("pump.")).Select(pair => pair.Key.ToString()));
        Assert.True(Key("a") < Key("b") && Key("a") <= Key("a") && Key("ab") > Key("a") && Key("b") >= Key("a"));
    }

    [Fact]
    public void An_ordered_enumeration_can_be_reset()
    {
        using MapSnapshot<long, long> snapshot = Numbers(2);
        using OrderedSnapshot<long, long> ordered = snapshot.OrderByKey();
        OrderedSnapshot<long, long>.Enumerator entries = ordered.GetEnumerator();
        Assert.True(entries.MoveNext() && entries.MoveNext() && !entries.MoveNext());
        entries.Reset();
        Assert.True(entries.MoveNext());
        Assert.Equal(0, entries.Current.Key);
        MapSnapshot<long, long>.Enumerator unordered = snapshot.GetEnumerator();
        Assert.True(unordered.MoveNext() && unordered.MoveNext() && !unordered.MoveNext());
        unordered.Reset();
        Assert.True(unordered.MoveNext());
    }

    [Fact]
    public void Reading_an_ordered_snapshot_allocates_nothing()
    {
        using MapSnapshot<long, long> snapshot = Numbers(300);
        using OrderedSnapshot<long, long> ordered = snapshot.OrderByKey();
        long sum = 0;
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            foreach ((long key, long value) in snapshot)
            {
                sum += snapshot.TryGet(key, out long found) ? found - value + 1 : 0;
            }

            foreach ((long key, long value) in ordered)
            {
                sum += key - value;
            }

            foreach ((long key, _) in ordered.Between(10, 50))
            {
                sum += key + ordered[5].Key + ordered.CountBefore(7);
            }
        });
        Assert.Equal(0, bytes);
        Assert.NotEqual(0, sum);
    }

    private static MapSnapshot<long, long> Numbers(long count)
    {
        using StateMap<long, long> map = StateMap.CreateInMemory<long, long>();
        for (long key = 0; key < count; key++)
        {
            map.Put(key, key);
        }

        return map.CreateSnapshot();
    }

    private static Utf8Key64 Key(string text) => Utf8Key64.TryCreate(text, out Utf8Key64 key) ? key : throw new ArgumentException(text);

    private readonly record struct Pair(int First, int Second);
}
