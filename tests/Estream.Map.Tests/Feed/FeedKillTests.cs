using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>
/// Three processes write a map whose changes go into a queue. One is killed at a random moment, the others continue and are killed as well.
/// When the map is opened again, replaying the events yields the map. The test repeats these steps, and no key ever gets a version twice.
/// </summary>
public sealed class FeedKillTests : IDisposable
{
    private const int Writers = 3;

    private static readonly int s_rounds = LongRun.Count(7, 330);

    private readonly TempDirectory _directory = new();
    private readonly Random _random = new(23);
    private readonly ChildProcess?[] _processes = new ChildProcess?[Writers];
    private readonly Dictionary<long, (long Version, byte[] Value)> _replica = [];
    private readonly Dictionary<(long Key, long Version), long> _values = [];

    public void Dispose()
    {
        Array.ForEach(_processes, process => process?.Dispose());
        _directory.Dispose();
    }

    [Fact]
    public void Replaying_the_events_gives_the_map_whichever_writer_is_killed()
    {
        using MemoryRegion region = FileStorage.Instance.CreateRegion(_directory.Combine("acknowledgements"), Writers * sizeof(long));
        using EstreamQueue queue = EstreamQueue.Open(FeedScript.FeedOf(_directory.Path), FeedScript.FeedOptions);
        using QueueTailer tailer = queue.CreateTailer();
        for (int round = 0; round < s_rounds; round++)
        {
            for (int writer = 0; writer < Writers; writer++)
            {
                region.All.WriteInt64Release(writer * sizeof(long), 0);
                Start(writer, (round * Writers) + writer);
            }

            foreach (int writer in Enumerable.Range(0, Writers).OrderBy(_ => _random.Next()))
            {
                Kill(writer, region.All);
            }

            Check(queue, tailer);
        }
    }

    private void Start(int writer, int seed) => _processes[writer] = ChildProcess.StartDotnet(
        BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll"),
        ["feed-write", _directory.Path, _directory.Combine("acknowledgements"), $"{writer}", $"{seed}"]);

    // Kills a writer after it has done some more operations, so that the remaining writers meet the leftovers of the dead ones.
    private void Kill(int writer, RegionSpan acknowledgements)
    {
        ChildProcess process = _processes[writer]!;
        long enough = Done() + _random.Next(300) + 1;
        Eventually.True(() => Done() >= Math.Min(enough, FeedScript.MostOperations - 1) || process.HasExited, $"writer {writer} writes");
        Assert.False(process.HasExited, $"writer {writer} ended by itself: {process.Error}");
        process.Kill();
        Assert.Equal("", process.WaitForExit().Error);
        process.Dispose();
        _processes[writer] = null;

        long Done() => acknowledgements.ReadInt64Acquire(writer * sizeof(long));
    }

    // The writer that opens the map corrects the events that the last dead one published without applying the change.
    private void Check(EstreamQueue queue, QueueTailer tailer)
    {
        Assert.Throws<InvalidOperationException>(() =>
            VersionedMap.Open<long, FeedValue>(FeedScript.MapOf(_directory.Path), new MapOptions { Writers = MapWriters.Many }));
        using QueueChangeSink sink = new(queue);

        // The clock shows a time long after all entries have expired.
        ManualClock clock = new(SystemClock.Instance.UtcNanos + 3_600_000_000_000);
        using VersionedMap<long, FeedValue> map = VersionedMap.Open<long, FeedValue>(
            FeedScript.MapOf(_directory.Path),
            new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many, Changes = sink, Clock = clock });
        map.RemoveExpired();
        Replay(tailer);
        Assert.Equal(map.Select(entry => entry.Key).Order(), _replica.Keys.Order());
        Assert.Equal(map.Count, _replica.Count);
        foreach (VersionedEntry<long, FeedValue> entry in map)
        {
            FeedValue value = entry.Value;
            Assert.True(value.IsWhole);
            Assert.Equal(entry.Version, _replica[entry.Key].Version);
            Assert.True(RawValue.AsBytes(in value).SequenceEqual(_replica[entry.Key].Value));
        }

        Assert.False(map.HostCrashed);
    }

    private void Replay(QueueTailer tailer)
    {
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(MapChange.TryRead(message.Payload, out MapChange change));
            long key = change.Kind == MapChangeKind.Clear ? 0 : BitConverter.ToInt64(change.Key);
            switch (change.Kind)
            {
                case MapChangeKind.Clear:
                    _replica.Clear();
                    break;
                case MapChangeKind.Put:
                    // A version of a key has one value, however often it is published.
                    long operation = BitConverter.ToInt64(change.Value);
                    Assert.True(_values.TryAdd((key, change.Version), operation) || _values[(key, change.Version)] == operation);
                    _replica[key] = (change.Version, change.Value.ToArray());
                    break;
                default:
                    _replica.Remove(key);
                    break;
            }
        }
    }
}
