using Estream.Core;
using Estream.Map.Internal;
using Estream.Map.TestProcess;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The refusals and requirements of a batch, which is applied whole or not at all. The writer is a single writer in memory or in
/// files, or one of several writers.</summary>
public sealed class MapBatchTests
{
    public enum Kind
    {
        Memory,
        One,
        Many,
    }

    public static TheoryData<Kind> Kinds => [Kind.Memory, Kind.One, Kind.Many];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_refuses_more_keys_than_its_capacity_and_invalid_calls(Kind kind)
    {
        using TempDirectory directory = new();
        using StateMap<long, long> map = Open<long, long>(kind, directory);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(StateMap.MaxBatchKeys + 1));
        using MapBatch<long, long> batch = map.CreateBatch(2);
        batch.Put(1, 1);
        batch.Remove(2);
        batch.RequireAbsent(1);
        batch.Require(2, 5);
        Assert.Equal((2, 2), (batch.Count, batch.Capacity));
        Assert.Throws<InvalidOperationException>(() => batch.Put(3, 3));
        Assert.Throws<InvalidOperationException>(() => batch.Remove(3));
        Assert.Throws<InvalidOperationException>(() => batch.Require(3, 3));
        Assert.Throws<InvalidOperationException>(() => batch.RequireAbsent(3));
        Assert.Equal(2, batch.Count);
        Assert.Equal(0, map.Count);
        using MapBatch<long, long> largest = map.CreateBatch(StateMap.MaxBatchKeys);
        using StateMap<long, LargeValue> large = StateMap.CreateInMemory<long, LargeValue>();
        Assert.Throws<ArgumentOutOfRangeException>(() => large.CreateBatch(256));
        using MapBatch<long, LargeValue> most = large.CreateBatch(255);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void There_are_as_many_batch_slots_as_writers_and_disposed_batches_release_them(Kind kind)
    {
        using TempDirectory directory = new();
        using StateMap<long, long> map = Open<long, long>(kind, directory);
        List<MapBatch<long, long>> batches = [];
        EstreamLeaseException full = Assert.Throws<EstreamLeaseException>(() =>
        {
            while (batches.Count <= 256)
            {
                batches.Add(map.CreateBatch(1));
            }
        });
        Assert.NotEqual("", full.Message);
        Assert.InRange(batches.Count, 255, 256);
        batches.ForEach(batch => batch.Dispose());
        using MapBatch<long, long> again = map.CreateBatch(3);
        again.Put(1, 1);
        Assert.True(again.Commit());
    }

    [Fact]
    public void A_read_only_map_creates_no_batch()
    {
        using TempDirectory directory = new();
        using StateMap<long, long> map = Open<long, long>(Kind.One, directory);
        using StateMap<long, long> reader = StateMap.OpenReadOnly<long, long>(directory.Path);
        Assert.Throws<InvalidOperationException>(() => reader.CreateBatch());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_ends_with_its_map(Kind kind)
    {
        using TempDirectory directory = new();
        StateMap<long, long> map = Open<long, long>(kind, directory);
        MapBatch<long, long> batch = map.CreateBatch();
        batch.Put(1, 1);
        MapBatch<long, long> other = map.CreateBatch();
        other.Dispose();
        other.Dispose();
        Assert.Throws<ObjectDisposedException>(() => other.Commit());
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Commit());
        Assert.Throws<ObjectDisposedException>(() => map.CreateBatch());
        batch.Dispose();
    }

    [Fact]
    public void Values_with_padding_can_be_put_but_not_required()
    {
        using StateMap<long, Padded> map = StateMap.CreateInMemory<long, Padded>();
        using MapBatch<long, Padded> batch = map.CreateBatch();
        Assert.Throws<NotSupportedException>(() => batch.Require(1, default));
        batch.Put(1, new Padded { First = 1, Second = 2 });
        Assert.True(batch.Commit());
        Assert.True(map.TryGet(1, out Padded value) && value.Second == 2);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Commit_changes_nothing_unless_every_requirement_holds(Kind kind)
    {
        using TempDirectory directory = new();
        using StateMap<long, CheckedValue> map = Open<long, CheckedValue>(kind, directory);
        map.Put(1, CheckedValue.Of(1));
        map.Put(2, CheckedValue.Of(2));
        using MapBatch<long, CheckedValue> batch = map.CreateBatch();
        Action<MapBatch<long, CheckedValue>>[] unmet =
        [
            each => each.Require(2, CheckedValue.Of(3)),
            each => each.Require(3, CheckedValue.Of(3)),
            each => each.Require(3, default),
            each => each.RequireAbsent(1),
            each => each.RequireAbsent(2),
        ];
        foreach (Action<MapBatch<long, CheckedValue>> require in unmet)
        {
            batch.Clear();
            batch.Put(1, CheckedValue.Of(10));
            batch.Put(3, CheckedValue.Of(30));
            batch.Remove(2);
            batch.Put(4, CheckedValue.Of(40));
            require(batch);
            int count = batch.Count;
            Assert.False(batch.Commit());
            Assert.Equal(count, batch.Count);
            Assert.Equal([(1, 1), (2, 2)], Entries(map));
        }

        batch.Clear();
        batch.Require(1, CheckedValue.Of(1));
        batch.Put(1, CheckedValue.Of(10));
        batch.RequireAbsent(3);
        batch.Put(3, CheckedValue.Of(30));
        batch.Require(2, CheckedValue.Of(2));
        batch.Remove(2);
        batch.Remove(99);
        Assert.True(batch.Commit());
        Assert.Equal(0, batch.Count);
        Assert.Equal([(1, 10), (3, 30)], Entries(map));
        Assert.Equal(2, map.Count);
        Assert.True(batch.Commit());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Commit_applies_the_last_of_several_changes_of_a_key(Kind kind)
    {
        using TempDirectory directory = new();
        using StateMap<long, CheckedValue> map = Open<long, CheckedValue>(kind, directory);
        using MapBatch<long, CheckedValue> batch = map.CreateBatch(3);
        batch.Put(1, CheckedValue.Of(1));
        batch.Put(1, CheckedValue.Of(2));
        batch.Put(2, CheckedValue.Of(2));
        batch.Remove(2);
        batch.Remove(3);
        batch.Put(3, CheckedValue.Of(3));
        batch.Require(3, CheckedValue.Of(9));
        batch.RequireAbsent(3);
        Assert.True(batch.Commit());
        Assert.Equal([(1, 2), (3, 3)], Entries(map));
        batch.Require(1, CheckedValue.Of(2));
        Assert.True(batch.Commit());
        Assert.Equal(2, map.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_map_grows_for_a_batch_and_shrinks_after_it(Kind kind)
    {
        using TempDirectory directory = new();
        using StateMap<long, Guid> map = Open<long, Guid>(kind, directory);
        using MapBatch<long, Guid> batch = map.CreateBatch(StateMap.MaxBatchKeys);
        for (int round = 0; round < 3; round++)
        {
            for (int part = 0; part < 4; part++)
            {
                for (long key = 0; key < StateMap.MaxBatchKeys; key++)
                {
                    batch.Put((part * StateMap.MaxBatchKeys) + key, ValueOf(key));
                }

                Assert.True(batch.Commit());
            }

            Assert.Equal(4 * StateMap.MaxBatchKeys, map.Count);
            Assert.Equal(4 * StateMap.MaxBatchKeys, map.Count(pair => pair.Value == ValueOf(pair.Key % StateMap.MaxBatchKeys)));
            for (long key = 0; key < 4 * StateMap.MaxBatchKeys; key++)
            {
                batch.Remove(key);
                if (batch.Count == batch.Capacity)
                {
                    Assert.True(batch.Commit());
                }
            }

            Assert.Equal(0, map.Count);
            Assert.Empty(map);
        }
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_full_disk_leaves_the_map_as_it_was(MapWriters writers)
    {
        using TempDirectory directory = new();
        FullStorage storage = new();
        using StateMap<long, long> map =
            StateMap.Open<long, long>(directory.Path, new MapOptions { InitialCapacity = 0, Storage = storage, Writers = writers });
        map.Put(1, 1);
        using MapBatch<long, long> batch = map.CreateBatch(1_000);
        storage.IsFull = true;
        Assert.Throws<EstreamStorageException>(() => map.CreateBatch(1_000));
        for (long key = 0; key < 1_000; key++)
        {
            batch.Put(key, -key);
        }

        Assert.Throws<EstreamStorageException>(() => batch.Commit());
        Assert.Equal([KeyValuePair.Create(1L, 1L)], map);
        Assert.Equal(1_000, batch.Count);

        // Changes that need no space succeed; the others succeed when there is space.
        using (MapBatch<long, long> small = OnceThereWasRoom(storage, map))
        {
            small.Put(1, 5);
            small.Put(2, 6);
            Assert.True(small.Commit());
        }

        storage.IsFull = false;
        Assert.True(batch.Commit());
        Assert.Equal(1_000, map.Count(pair => pair.Value == -pair.Key));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_snapshot_taken_before_a_batch_contains_nothing_of_it(MapWriters writers)
    {
        using TempDirectory directory = new();
        using StateMap<long, long> map =
            StateMap.Open<long, long>(directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers });
        using MapBatch<long, long> batch = map.CreateBatch();
        for (long round = 0; round < 20; round++)
        {
            using MapSnapshot<long, long> snapshot = map.CreateSnapshot();
            for (long key = 0; key < 10; key++)
            {
                batch.Put(key, round);
            }

            Assert.True(batch.Commit());
            Assert.Equal(round == 0 ? 0 : 10, snapshot.Count(pair => pair.Value == round - 1));
            Assert.Equal(round == 0 ? 0 : 10, snapshot.Count);
            Assert.Equal(10, map.Count(pair => pair.Value == round));
        }
    }

    [Fact]
    public void Concurrent_transfers_between_the_same_keys_lose_nothing()
    {
        const int Accounts = 8;
        const long Start = 1_000;
        using TempDirectory directory = new();
        using StateMap<long, long> first = Open<long, long>(Kind.Many, directory);
        using StateMap<long, long> second = Open<long, long>(Kind.Many, directory);
        for (long account = 0; account < Accounts; account++)
        {
            first.Put(account, Start);
        }

        int transfers = LongRun.Count(2_000, 30_000);
        long done = 0;
        Parallel.For(0, 4, thread =>
        {
            StateMap<long, long> map = thread % 2 == 0 ? first : second;
            using MapBatch<long, long> batch = map.CreateBatch(2);
            Random random = new(thread);
            for (int transfer = 0; transfer < transfers; transfer++)
            {
                long from = random.Next(Accounts);
                long to = (from + 1 + random.Next(Accounts - 1)) % Accounts;
                Assert.True(map.TryGet(from, out long had));
                Assert.True(map.TryGet(to, out long has));
                batch.Require(from, had);
                batch.Require(to, has);
                batch.Put(from, had - 1);
                batch.Put(to, has + 1);
                if (batch.Commit())
                {
                    Interlocked.Increment(ref done);
                }

                batch.Clear();
                if (transfer % 500 == 0)
                {
                    using MapSnapshot<long, long> snapshot = map.CreateSnapshot();
                    Assert.Equal(Accounts * Start, snapshot.Sum(pair => pair.Value));
                }
            }
        });
        Assert.NotEqual(0, done);
        Assert.Equal(Accounts * Start, first.Sum(pair => pair.Value));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Filling_and_committing_a_batch_allocate_nothing(Kind kind)
    {
        using TempDirectory directory = new();
        using StateMap<long, CheckedValue> map = Open<long, CheckedValue>(kind, directory, capacity: 1_000);
        using MapBatch<long, CheckedValue> batch = map.CreateBatch(20);
        int turn = 0;
        long bytes = AllocationMeter.OnThisThread(2_000, () =>
        {
            turn++;
            batch.RequireAbsent(5_000);
            for (long key = turn % 100; key < (turn % 100) + 10; key++)
            {
                batch.Put(key, CheckedValue.Of(turn));
            }

            batch.Remove((turn + 11) % 100);
            batch.Require(turn % 100, CheckedValue.Of(-1));
            _ = batch.Commit();
            batch.RequireAbsent(turn % 100);
            _ = batch.Commit();
            batch.Clear();
            batch.Put(turn % 100, CheckedValue.Of(turn));
            batch.Put((turn + 1) % 100, CheckedValue.Of(turn));
            _ = batch.Commit();
        });
        Assert.Equal(0, bytes);
    }

    internal static StateMap<TKey, TValue> Open<TKey, TValue>(Kind kind, TempDirectory directory, long capacity = 0)
        where TKey : unmanaged
        where TValue : unmanaged => kind == Kind.Memory
        ? StateMap.CreateInMemory<TKey, TValue>(capacity)
        : StateMap.Open<TKey, TValue>(directory.Path,
            new MapOptions { InitialCapacity = capacity, Writers = kind == Kind.One ? MapWriters.One : MapWriters.Many });

    private static MapBatch<long, long> OnceThereWasRoom(FullStorage storage, StateMap<long, long> map)
    {
        storage.IsFull = false;
        MapBatch<long, long> batch = map.CreateBatch();
        storage.IsFull = true;
        return batch;
    }

    private static IEnumerable<(long Key, long Operation)> Entries(StateMap<long, CheckedValue> map) =>
        map.Where(pair => pair.Value.IsWhole).Select(pair => (pair.Key, pair.Value.Operation)).Order();

    private static Guid ValueOf(long number) => new((int)number, 1, 2, new byte[8]);

    private struct Padded
    {
        public byte First;
        public long Second;
    }

    [System.Runtime.CompilerServices.InlineArray(MapFormat.MaxValueBytes)]
    private struct LargeValue
    {
        private byte _first;
    }
}
