using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The events of a batch: each of its changes is published before any of them is applied. In the end the events match the map,
/// whichever event the sink refuses and wherever the writer dies.</summary>
public sealed class MapBatchFeedTests : IDisposable
{
    private const int Changes = 6;

    private readonly TempDirectory _directory = new();
    private readonly RecordingSink _sink = new();
    private readonly KillableStorage _storage = new();

    public enum Afterwards
    {
        CommitAgain,
        WriteOneKey,
        AnotherBatch,
        Close,
        Kill,
    }

    public static TheoryData<MapWriters, Afterwards> Cases
    {
        get
        {
            TheoryData<MapWriters, Afterwards> cases = [];
            foreach (Afterwards afterwards in Enum.GetValues<Afterwards>())
            {
                cases.Add(MapWriters.One, afterwards);
                cases.Add(MapWriters.Many, afterwards);
            }

            return cases;
        }
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_batch_refused_by_the_sink_is_not_applied_and_its_events_are_corrected(MapWriters writers, Afterwards afterwards)
    {
        for (int at = 0; at < Changes * 2; at++)
        {
            string directory = _directory.Combine($"{at}");
            _sink.Events.Clear();
            StateMap<long, Guid> map = Filled(directory, writers);
            try
            {
                MapBatch<long, Guid> batch = map.CreateBatch();
                Fill(batch);
                RefuseAt(at / 2, isKeeping: at % 2 == 1);
                Assert.Throws<TimeoutException>(() => batch.Commit());
                Assert.Equal(Before(), Contents(map));
                Assert.Equal(Changes + 2, batch.Count);
                Assert.Throws<TimeoutException>(() => batch.Commit());
                Assert.Throws<TimeoutException>(() => map.Put(1, default));
                AcceptAll();
                map = Continue(map, batch, afterwards, directory, writers);
                Assert.Equal(Contents(map), _sink.Replay(value => new Guid(value)));
            }
            finally
            {
                AcceptAll();
                map.Dispose();
            }
        }
    }

    [Fact]
    public void A_batch_in_memory_refused_by_the_sink_is_not_applied_and_its_events_are_corrected()
    {
        for (int at = 0; at < Changes; at++)
        {
            _sink.Events.Clear();
            using StateMap<long, Guid> map =
                StateMap.CreateInMemory(new MapOptions { InitialCapacity = 0 }, features: 0, Internal.PlainFeed<long, Guid>.To(_sink));
            Fill(map);
            using MapBatch<long, Guid> other = map.CreateBatch();
            using (MapBatch<long, Guid> batch = map.CreateBatch())
            {
                Fill(batch);
                RefuseAt(at, isKeeping: true);
                Assert.Throws<TimeoutException>(() => batch.Commit());
                AcceptAll();
            }

            Fill(other);
            Assert.True(other.Commit());
            Assert.Equal(After(), Contents(map));
            Assert.Equal(Contents(map), _sink.Replay(value => new Guid(value)));
        }
    }

    /// <summary>Copies the files while an event is published: the state that a writer killed at this point leaves.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_batch_whose_writer_dies_while_publishing_is_not_applied_and_its_events_are_corrected(MapWriters writers)
    {
        using StateMap<long, Guid> map = Filled(_directory.Combine("map"), writers);
        using MapBatch<long, Guid> batch = map.CreateBatch();
        Fill(batch);
        int told = 0;
        int before = _sink.Events.Count;
        _sink.OnEvent = () => Copy(_directory.Combine("map"), _directory.Combine($"{++told}"));
        Assert.True(batch.Commit());
        Assert.Equal(Changes, told);
        for (int copy = 1; copy <= told; copy++)
        {
            RecordingSink sink = new();
            sink.Events.AddRange(_sink.Events.Take(before + copy));
            using StateMap<long, Guid> after = StateMap.Open<long, Guid>(_directory.Combine($"{copy}"), Options(writers, sink));
            Assert.Equal(Before(), Contents(after));
            Assert.Equal(Contents(after), sink.Replay(value => new Guid(value)));
        }
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Each_change_is_published_once_in_the_order_of_the_batch(MapWriters writers)
    {
        using StateMap<long, Guid> map = Filled(_directory.Path, writers);
        using MapBatch<long, Guid> batch = map.CreateBatch();
        _sink.Events.Clear();
        Fill(batch);
        batch.RequireAbsent(1);
        Assert.False(batch.Commit());
        Assert.Empty(_sink.Events);
        batch.Clear();
        Fill(batch);
        Assert.True(batch.Commit());
        Assert.Equal(
            [(MapChangeKind.Put, 9L), (MapChangeKind.Put, 100L), (MapChangeKind.Remove, 3L), (MapChangeKind.Put, 1L),
                (MapChangeKind.Remove, 2L), (MapChangeKind.Put, 101L)],
            _sink.Events.Select(change => (change.Kind, BitConverter.ToInt64(change.Key))));
        Assert.Equal(After(), Contents(map));

        // No correction is pending: a put publishes one event.
        map.Put(1, GuidOf(5));
        Assert.Equal(Changes + 1, _sink.Events.Count);
    }

    /// <summary>The batch log is not overwritten before all stripes have published their corrections.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_batch_of_other_keys_keeps_the_pending_corrections_of_the_batch_before(MapWriters writers)
    {
        using StateMap<long, Guid> map =
            StateMap.Open<long, Guid>(_directory.Path, new MapOptions { InitialCapacity = 5_000, Writers = writers, Changes = _sink });
        using MapBatch<long, Guid> batch = map.CreateBatch(64);
        for (long key = 0; key < 64; key++)
        {
            batch.Put(key, GuidOf(key));
        }

        RefuseAt(40, isKeeping: true);
        Assert.Throws<TimeoutException>(() => batch.Commit());
        AcceptAll();
        batch.Clear();
        batch.Put(1_000, GuidOf(1));
        batch.Put(1_001, GuidOf(1));
        Assert.True(batch.Commit());
        Assert.Equal([1_000L, 1_001L], Contents(map).Keys.Order());
        Assert.Equal(Contents(map), _sink.Replay(value => new Guid(value)));
    }

    private StateMap<long, Guid> Continue(StateMap<long, Guid> map, MapBatch<long, Guid> batch, Afterwards afterwards, string directory,
        MapWriters writers)
    {
        switch (afterwards)
        {
            case Afterwards.CommitAgain:
                Assert.True(batch.Commit());
                Assert.Equal(After(), Contents(map));
                return map;
            case Afterwards.WriteOneKey:
                map.Put(15, GuidOf(-15));
                Assert.True(batch.Commit());
                return map;
            case Afterwards.AnotherBatch:
                batch.Dispose();
                using (MapBatch<long, Guid> another = map.CreateBatch(200))
                {
                    another.Put(101, GuidOf(7));
                    Assert.True(another.Commit());
                }

                return map;
            case Afterwards.Close:
                batch.Dispose();
                map.Dispose();
                break;
            default:
                _storage.Kill();
                break;
        }

        StateMap<long, Guid> again = Open(directory, writers);
        Assert.Equal(Before(), Contents(again));
        return again;
    }

    // Also requires a key without changing it, and removes an absent key: neither causes an event.
    private static void Fill(MapBatch<long, Guid> batch)
    {
        batch.Require(4, GuidOf(4));
        batch.Put(9, GuidOf(-9));
        batch.Put(100, GuidOf(-100));
        batch.Remove(3);
        batch.Put(1, GuidOf(-1));
        batch.Remove(77);
        batch.Remove(2);
        batch.Put(101, GuidOf(-101));
    }

    private static Dictionary<long, Guid> Before() => Enumerable.Range(0, 20).ToDictionary(key => (long)key, key => GuidOf(key));

    private static Dictionary<long, Guid> After() => Enumerable.Range(0, 102).Select(key => (long)key)
        .Where(key => key is < 20 and not (2 or 3) or > 99)
        .ToDictionary(key => key, key => GuidOf(key is 9 or 1 or > 99 ? -key : key));

    private static Dictionary<long, Guid> Contents(StateMap<long, Guid> map) => map.ToDictionary(pair => pair.Key, pair => pair.Value);

    private static Guid GuidOf(long number) => new((int)number, 1, 2, new byte[8]);

    private void RefuseAt(int at, bool isKeeping) => _sink.OnEvent = () =>
    {
        _sink.IsRefusing = at-- <= 0;
        _sink.IsKeeping = isKeeping;
    };

    private void AcceptAll()
    {
        _sink.OnEvent = null;
        _sink.IsRefusing = false;
    }

    private StateMap<long, Guid> Filled(string directory, MapWriters writers)
    {
        StateMap<long, Guid> map = Open(directory, writers);
        Fill(map);
        return map;
    }

    private static void Fill(StateMap<long, Guid> map)
    {
        for (long key = 0; key < 20; key++)
        {
            map.Put(key, GuidOf(key));
        }
    }

    private StateMap<long, Guid> Open(string directory, MapWriters writers) =>
        StateMap.Open<long, Guid>(directory, Options(writers, _sink));

    private MapOptions Options(MapWriters writers, RecordingSink sink) =>
        new() { InitialCapacity = 0, Writers = writers, Changes = sink, Storage = _storage };

    private static void Copy(string from, string to)
    {
        // Locks are not copied, because their owner is dead.
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
