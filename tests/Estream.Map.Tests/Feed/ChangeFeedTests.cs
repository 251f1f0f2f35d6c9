using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The events of a map: they are published before the change is applied, and in the end they match the map, whatever
/// fails.</summary>
public sealed class ChangeFeedTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RecordingSink _sink = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_change_that_the_sink_refuses_is_not_applied(MapWriters writers)
    {
        using StateMap<long, Guid> map = Open(writers);
        map.Put(1, GuidOf(1));
        _sink.IsRefusing = true;
        Add add = new();
        Assert.Throws<TimeoutException>(() => map.Put(1, GuidOf(2)));
        Assert.Throws<TimeoutException>(() => map.Put(2, GuidOf(2)));
        Assert.Throws<TimeoutException>(() => map.Remove(1));
        Assert.Throws<TimeoutException>(() => map.CompareExchange(1, GuidOf(1), GuidOf(2)));
        Assert.Throws<TimeoutException>(() => map.Update(1, ref add));
        Assert.Throws<TimeoutException>(() => map.PutMany([3, 4], [GuidOf(3), GuidOf(4)]));
        Assert.Throws<TimeoutException>(map.Clear);
        Assert.Equal([KeyValuePair.Create(1L, GuidOf(1))], map);
        Assert.Equal(1, map.Count);

        // A change without effect is not published.
        _sink.IsRefusing = false;
        _sink.Events.Clear();
        Assert.False(map.Remove(5));
        Assert.False(map.CompareExchange(1, GuidOf(7), GuidOf(2)));
        Assert.Empty(_sink.Events);
        Assert.False(map.Put(1, GuidOf(3)));
        Assert.True(map.Put(2, GuidOf(2)));
        Assert.Equal(Contents(map), _sink.Replay(value => new Guid(value)));
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Events_are_durable_before_the_map(MapWriters writers)
    {
        using (StateMap<long, Guid> map = Open(writers))
        {
            map.Put(1, GuidOf(1));
            Assert.Equal(0, _sink.Flushes);
            map.Flush();
            Assert.Equal(1, _sink.Flushes);
            _sink.IsRefusingFlush = true;
            Assert.Throws<EstreamStorageException>(map.Flush);
            Assert.True(map.HostCrashed);
            _sink.IsRefusingFlush = false;
            map.Put(2, GuidOf(2));
        }

        // Closing flushes everything.
        Assert.True(_sink.Flushes > 2);
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_feed_intent_from_before_a_refused_clear_is_published(MapWriters writers)
    {
        using StateMap<long, Guid> map = Open(writers);
        map.Put(1, GuidOf(1));
        _sink.IsRefusing = _sink.IsKeeping = true;
        Assert.Throws<TimeoutException>(() => map.Put(2, GuidOf(2)));
        _sink.IsRefusing = false;
        _sink.IsRefusingAllBut = MapChangeKind.Remove;
        Assert.Throws<EstreamStorageException>(map.Clear);
        _sink.IsRefusingAllBut = null;
        map.Put(3, GuidOf(3));
        Assert.Equal([1L, 3L], Contents(map).Keys.Order());
        Assert.Equal(Contents(map), _sink.Replay(value => new Guid(value)));
    }

    /// <summary>The sink may have stored an event that it reported as refused; the next write corrects it.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_change_that_the_sink_stored_and_refused_is_corrected(MapWriters writers)
    {
        using StateMap<long, Guid> map = Open(writers);
        for (long key = 0; key < 20; key++)
        {
            map.Put(key, GuidOf(key));
        }

        foreach (Action change in new Action[] { () => map.Put(1, GuidOf(100)), () => map.Put(100, GuidOf(1)), () => map.Remove(2),
            map.Clear })
        {
            _sink.IsRefusing = _sink.IsKeeping = true;
            Assert.Throws<TimeoutException>(change);
            Assert.NotEqual(Contents(map), _sink.Replay(value => new Guid(value)));
            _sink.IsRefusing = _sink.IsKeeping = false;
            map.Put(5, GuidOf(5));
            Assert.Equal(Contents(map), _sink.Replay(value => new Guid(value)));
        }
    }

    /// <summary>A clear that is never published must not hide a pending correction for an absent key.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void A_refused_clear_keeps_pending_feed_intents(MapWriters writers)
    {
        using StateMap<long, Guid> map = Open(writers);
        map.Put(1, GuidOf(1));
        _sink.IsRefusing = _sink.IsKeeping = true;
        Assert.Throws<TimeoutException>(() => map.Put(2, GuidOf(2)));
        _sink.IsKeeping = false;
        Assert.Throws<TimeoutException>(map.Clear);
        _sink.IsRefusing = false;
        map.Put(1, GuidOf(3));
        Assert.Equal(Contents(map), _sink.Replay(value => new Guid(value)));
    }

    /// <summary>A writer is killed after an event is appended and before its change is applied.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void The_next_writer_corrects_what_a_dead_writer_published_without_applying(MapWriters writers)
    {
        KillableStorage storage = new();
        Action<StateMap<long, Guid>>[] changes = [map => map.Put(1, GuidOf(100)), map => map.Put(100, GuidOf(1)), map => map.Remove(2),
            map => map.Clear(), map => map.Remove(3)];
        for (int turn = 0; turn < changes.Length; turn++)
        {
            StateMap<long, Guid> map = Open(writers, storage);
            for (long key = 0; key < 20; key++)
            {
                map.Put(key, GuidOf(key));
            }

            _sink.IsRefusing = _sink.IsKeeping = true;
            Assert.Throws<TimeoutException>(() => changes[turn](map));
            storage.Kill();
            _sink.IsKeeping = false;
            Assert.Throws<TimeoutException>(() => Open(writers, storage));
            _sink.IsRefusing = false;
            using StateMap<long, Guid> next = Open(writers, storage);
            Assert.Equal(20, next.Count);
            Assert.Equal(Contents(next), _sink.Replay(value => new Guid(value)));
        }
    }

    /// <summary>Events contain key and value as they are stored, and the kind of the change.</summary>
    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Every_change_publishes_one_event(MapWriters writers)
    {
        using VersionedMap<long, long> map = VersionedMap.Open<long, long>(_directory.Path, Options(writers));
        long first = map.Put(1, 10);
        Assert.True(map.CompareExchange(1, first, 11, out long second, TimeSpan.FromTicks(1)));
        long end = _clock.UtcNanos + 100;
        Assert.True(map.Touch(1, TimeSpan.FromTicks(2)));
        Assert.True(map.Remove(1, second));
        long third = map.Put(2, 20, TimeSpan.FromTicks(1));
        _clock.Pass(TimeSpan.FromTicks(1));
        Assert.Equal(1, map.RemoveExpired());
        map.Clear();
        Assert.Equal(
            [
                (MapChangeKind.Put, 1, 10, first, 0),
                (MapChangeKind.Put, 1, 11, second, end),
                (MapChangeKind.Put, 1, 11, second, end + 100),
                (MapChangeKind.Remove, 1, 0, 0, 0),
                (MapChangeKind.Put, 2, 20, third, end),
                (MapChangeKind.Expire, 2, 0, 0, 0),
                (MapChangeKind.Clear, 0, 0, 0, 0),
            ],
            _sink.Events.Select(each => (each.Kind, Number(each.Key), Number(each.Value), each.Version, each.ExpiresAt)));

        static long Number(byte[] bytes) => bytes.Length == 0 ? 0 : BitConverter.ToInt64(bytes);
    }

    /// <summary>Writes also remove expired entries and publish their removal. If the sink refuses such an event, the write still
    /// succeeds.</summary>
    [Fact]
    public void A_sweep_that_the_sink_refuses_is_done_later()
    {
        using VersionedMap<long, long> map = VersionedMap.Open<long, long>(_directory.Path, Options(MapWriters.One));
        for (long key = 0; key < 40; key++)
        {
            map.Put(key, key, TimeSpan.FromTicks(1));
        }

        _clock.Pass(TimeSpan.FromTicks(1));
        _sink.IsRefusingAllBut = MapChangeKind.Put;
        for (int turn = 0; turn < 100; turn++)
        {
            map.Put(1_000, turn);
        }

        Assert.Equal(41, map.Count);
        _sink.IsRefusingAllBut = null;
        for (int turn = 0; turn < 100; turn++)
        {
            map.Put(1_000, turn);
        }

        Assert.Equal(1, map.Count);
        Assert.Equal([1_000], _sink.Replay(value => BitConverter.ToInt64(value)).Keys);
    }

    /// <summary>Events of one key are in the order of its changes, whichever writer makes them, while the map grows and shrinks.</summary>
    [Fact]
    public void Replaying_the_events_of_many_writers_gives_the_map()
    {
        using VersionedMap<long, long> first = VersionedMap.Open<long, long>(_directory.Path, Options(MapWriters.Many));
        using VersionedMap<long, long> second = VersionedMap.Open<long, long>(_directory.Path, Options(MapWriters.Many));
        int turns = LongRun.Count(4_000, 40_000);
        Parallel.For(0, 4, thread =>
        {
            VersionedMap<long, long> map = thread % 2 == 0 ? first : second;
            Random random = new(thread);
            for (int turn = 0; turn < turns; turn++)
            {
                long key = random.Next(turn % 1_000 < 500 ? 1_500 : 30);
                _ = random.Next(3) == 0 ? map.Remove(key) : map.Put(key, turn) > 0;
            }
        });
        Assert.Equal(first.Select(entry => KeyValuePair.Create(entry.Key, entry.Value)).ToDictionary(),
            _sink.Replay(value => BitConverter.ToInt64(value)));
        Dictionary<long, long> versions = [];
        foreach (RecordedChange change in _sink.Events.Where(each => each.Kind == MapChangeKind.Put))
        {
            long key = BitConverter.ToInt64(change.Key);
            Assert.True(change.Version > versions.GetValueOrDefault(key));
            versions[key] = change.Version;
        }
    }

    [Theory]
    [InlineData(MapWriters.One)]
    [InlineData(MapWriters.Many)]
    public void Publishing_changes_allocates_nothing(MapWriters writers)
    {
        using StateMap<long, Guid> map = StateMap.Open<long, Guid>(_directory.Path, Options(writers) with { Changes = new CountingSink() });
        long turn = 0;
        long bytes = AllocationMeter.OnThisThread(10_000, () =>
        {
            turn++;
            map.Put(turn % 50, GuidOf(turn));
            map.CompareExchange(turn % 50, GuidOf(turn), GuidOf(turn + 1));
            map.Remove(turn % 49);
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void A_map_in_memory_publishes_its_changes()
    {
        using VersionedMap<long, long> map = VersionedMap.CreateInMemory<long, long>(Options(MapWriters.One));
        map.Put(1, 2);
        map.Clear();
        Assert.Equal([MapChangeKind.Put, MapChangeKind.Clear], _sink.Events.Select(each => each.Kind));
    }

    private StateMap<long, Guid> Open(MapWriters writers, IStorage? storage = null) =>
        StateMap.Open<long, Guid>(_directory.Path, Options(writers) with { Storage = storage ?? FileStorage.Instance });

    private MapOptions Options(MapWriters writers) => new() { InitialCapacity = 0, Writers = writers, Clock = _clock, Changes = _sink };

    private static Dictionary<long, Guid> Contents(StateMap<long, Guid> map) => map.ToDictionary();

    private static Guid GuidOf(long number) => new((int)number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private sealed class CountingSink : IChangeSink
    {
        public long Bytes { get; private set; }

        public void Append(in MapChange change) => Bytes += change.EncodedBytes;
    }

    private readonly struct Add : IEntryUpdate<Guid>
    {
        public EntryChange Decide(bool isThere, ref Guid value)
        {
            value = GuidOf(77);
            return EntryChange.Put;
        }
    }
}
