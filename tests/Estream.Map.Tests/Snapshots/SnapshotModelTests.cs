using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Random operations on a map and a dictionary in waves, so that the map grows and shrinks, with snapshots compared with copies of
/// the dictionary.</summary>
public sealed class SnapshotModelTests : IDisposable
{
    private const int Keys = 6_000;
    private const int Held = 3;

    private readonly TempDirectory _directory = new();
    private readonly Queue<(MapSnapshot<long, Wide> Snapshot, Dictionary<long, long> Model)> _held = new();
    private Dictionary<long, long> _model = [];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(MapWriters.One, 1)]
    [InlineData(MapWriters.Many, 2)]
    public void Each_snapshot_matches_a_copy_of_the_dictionary_at_its_moment(MapWriters writers, int seed)
    {
        Random random = new(seed);
        StateMap<long, Wide>[] maps = Open(writers);
        for (int operation = 0; operation < LongRun.Count(60_000, 600_000); operation++)
        {
            Change(maps[random.Next(maps.Length)], random, operation);
            if (random.Next(1_500) == 0)
            {
                Take(maps[random.Next(maps.Length)]);
            }

            if (random.Next(20_000) == 0)
            {
                // Open snapshots stay valid while the map is closed and reopened.
                Array.ForEach(maps, map => map.Dispose());
                maps = Open(writers);
            }
        }

        while (_held.Count > 0)
        {
            CheckOldest();
        }

        Assert.Equal(_model.Count, maps[0].CountByEnumeration());
        Array.ForEach(maps, map => map.Dispose());
    }

    private void Change(StateMap<long, Wide> map, Random random, int operation)
    {
        long key = random.Next(Keys);
        bool isRising = operation / 12_000 % 2 == 0;
        if (random.Next(10) < (isRising ? 8 : 1))
        {
            Assert.Equal(_model.TryAdd(key, operation), map.Put(key, new Wide(operation, ~operation)));
            _model[key] = operation;
        }
        else
        {
            Assert.Equal(_model.Remove(key), map.Remove(key));
        }

        if (random.Next(15_000) == 0)
        {
            map.Clear();
            _model = [];
        }
    }

    private void Take(StateMap<long, Wide> map)
    {
        _held.Enqueue((map.CreateSnapshot(), new Dictionary<long, long>(_model)));
        if (_held.Count > Held)
        {
            CheckOldest();
        }
    }

    private void CheckOldest()
    {
        (MapSnapshot<long, Wide> snapshot, Dictionary<long, long> model) = _held.Dequeue();
        Assert.Equal(model.Count, snapshot.Count);
        using (OrderedSnapshot<long, Wide> ordered = snapshot.OrderByKey())
        {
            Assert.Equal(model.OrderBy(pair => pair.Key).Select(pair => (pair.Key, new Wide(pair.Value, ~pair.Value))),
                ordered.Select(pair => (pair.Key, pair.Value)));
        }

        snapshot.Dispose();
    }

    private StateMap<long, Wide>[] Open(MapWriters writers) =>
        [.. Enumerable.Range(0, writers == MapWriters.One ? 1 : 2)
            .Select(_ => StateMap.Open<long, Wide>(_directory.Path, new MapOptions { InitialCapacity = 0, Writers = writers }))];

    private readonly record struct Wide(long Operation, long Complement);
}
