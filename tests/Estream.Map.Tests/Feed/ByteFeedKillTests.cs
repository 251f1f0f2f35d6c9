using Estream.Core;
using Estream.Map.TestProcess;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>A process writes a byte map with versions and expiry, whose changes go into a queue. It is killed, mostly between event and
/// change. When the map is opened again, replaying the events yields the map, and no key ever got a version twice.</summary>
public sealed class ByteFeedKillTests : IDisposable
{
    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);
    private readonly Dictionary<string, ByteEntry> _replica = [];
    private readonly Dictionary<(string Key, long Version), string> _values = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Replaying_the_events_gives_the_map_whenever_the_writer_is_killed()
    {
        Random random = new(31);
        using MemoryRegion region = FileStorage.Instance.CreateRegion(_directory.Combine("acknowledgements"), sizeof(long));
        using EstreamQueue queue = EstreamQueue.Open(FeedScript.FeedOf(_directory.Path), FeedScript.FeedOptions);
        using QueueTailer tailer = queue.CreateTailer();
        for (int round = 0; round < LongRun.Count(6, 300); round++)
        {
            region.All.WriteInt64Release(0, 0);
            using ChildProcess writer = ChildProcess.StartDotnet(
                BuiltProgram.Find("tests/Estream.Map.TestProcess", "Estream.Map.TestProcess.dll"),
                ["feed-write-bytes", _directory.Path, _directory.Combine("acknowledgements"), $"{round}"]);
            int enough = random.Next(2_000) + 1;
            Eventually.True(() => region.All.ReadInt64Acquire(0) >= enough || writer.HasExited, "the writer writes");
            Assert.False(writer.HasExited, $"the writer ended by itself: {writer.Error}");
            writer.Kill();
            Assert.Equal("", writer.WaitForExit().Error);
            Check(queue, tailer);
        }
    }

    // The writer that opens the map corrects the events that the dead one published without applying the change.
    private void Check(EstreamQueue queue, QueueTailer tailer)
    {
        Assert.Throws<InvalidOperationException>(() => VersionedByteMap.Open(FeedScript.MapOf(_directory.Path), ByteScript.Options));
        using QueueChangeSink sink = new(queue);

        // The clock shows a time long after all entries have expired.
        ManualClock clock = new(SystemClock.Instance.UtcNanos + 3_600_000_000_000);
        using VersionedByteMap map =
            VersionedByteMap.Open(FeedScript.MapOf(_directory.Path), ByteScript.Options with { Changes = sink, Clock = clock });
        map.RemoveExpired();
        Replay(tailer);
        Assert.Equal(_replica.Values.OrderBy(entry => entry.Key, StringComparer.Ordinal), map.Entries());
        Assert.Equal(_replica.Count, map.Count);
        Assert.False(map.HostCrashed);
    }

    private void Replay(QueueTailer tailer)
    {
        while (tailer.TryRead(out QueueMessage message))
        {
            Assert.True(MapChange.TryRead(message.Payload, out MapChange change));
            string key = Convert.ToHexString(change.Key);
            switch (change.Kind)
            {
                case MapChangeKind.Clear:
                    _replica.Clear();
                    break;
                case MapChangeKind.Put:
                    // A version of a key has one value, however often it is published.
                    string value = Convert.ToHexString(change.Value);
                    Assert.True(_values.TryAdd((key, change.Version), value) || _values[(key, change.Version)] == value);
                    _replica[key] = new ByteEntry(key, value, change.Version, change.ExpiresAt);
                    break;
                default:
                    _replica.Remove(key);
                    break;
            }
        }
    }
}
