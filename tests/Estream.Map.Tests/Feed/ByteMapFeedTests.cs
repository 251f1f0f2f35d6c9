using System.Text;
using Estream.Core;
using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The events of a byte map: they are published before the change is applied, and in the end they match the map, whatever
/// fails.</summary>
public sealed class ByteMapFeedTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_writer_without_a_feed_is_refused_until_the_feed_is_ended()
    {
        using (ByteMap told = Open())
        {
            told.Put("a"u8, "1"u8);
        }

        string message = Assert.Throws<InvalidOperationException>(() => ByteMap.Open(_directory.Path)).Message;
        Assert.Contains("GivesUpChanges", message, StringComparison.Ordinal);
        using (ByteMap reader = ByteMap.OpenReadOnly(_directory.Path))
        {
            Assert.Equal(1, reader.Count);
        }

        Open().Dispose();
        Assert.Throws<ArgumentException>(() =>
            ByteMap.Open(_directory.Path, new ByteMapOptions { Changes = _sink, GivesUpChanges = true }));
        ByteMap.Open(_directory.Path, new ByteMapOptions { GivesUpChanges = true }).Dispose();
        ByteMap.Open(_directory.Path).Dispose();
    }

    [Fact]
    public void Events_are_durable_before_the_map()
    {
        using (ByteMap map = Open())
        {
            map.Put("a"u8, "1"u8);
            Assert.Equal(0, _sink.Flushes);
            map.Flush();
            Assert.Equal(1, _sink.Flushes);
            _sink.IsRefusingFlush = true;
            Assert.Throws<EstreamStorageException>(map.Flush);
            Assert.True(map.HostCrashed);
            _sink.IsRefusingFlush = false;
            map.Put("b"u8, "2"u8);
        }

        // Closing flushes everything.
        Assert.Equal(3, _sink.Flushes);
    }

    [Fact]
    public void A_change_that_the_sink_refuses_is_not_applied()
    {
        using ByteMap map = Open();
        map.Put("a"u8, "1"u8);
        _sink.IsRefusing = true;
        Assert.Throws<TimeoutException>(() => map.Put("a"u8, "2"u8));
        Assert.Throws<TimeoutException>(() => map.Put("b"u8, "2"u8));
        Assert.Throws<TimeoutException>(() => map.TryAdd("b"u8, "2"u8));
        Assert.Throws<TimeoutException>(() => map.Remove("a"u8));
        Assert.Throws<TimeoutException>(() => map.CompareExchange("a"u8, "1"u8, "2"u8));
        Assert.Throws<TimeoutException>(map.Clear);
        Assert.Throws<TimeoutException>(map.Compact);
        Assert.Equal([KeyValuePair.Create("61", "1"u8.ToArray())], map.ToDictionary());

        // A change without effect is not published.
        _sink.IsRefusing = false;
        map.Put("a"u8, "1"u8);
        _sink.Events.Clear();
        Assert.False(map.Remove("c"u8));
        Assert.False(map.TryAdd("a"u8, "2"u8));
        Assert.False(map.CompareExchange("a"u8, "7"u8, "2"u8));
        Assert.Empty(_sink.Events);
    }

    /// <summary>The sink may have stored an event that it reported as refused. The next write, or the next writer, corrects it, also for
    /// keys with the same hash.</summary>
    [Theory]
    [InlineData(ulong.MaxValue, false)]
    [InlineData(ulong.MaxValue, true)]
    [InlineData(1UL, false)]
    [InlineData(1UL, true)]
    public void Events_of_changes_that_were_not_applied_are_corrected(ulong mask, bool isKilled)
    {
        KillableStorage storage = new();
        ByteMapOptions options = new() { InitialCapacity = 0, SegmentBytes = 4096, Changes = _sink, HashMask = mask, Storage = storage };
        ByteMap map = ByteMap.Open(_directory.Path, options);
        for (int key = 0; key < 20; key++)
        {
            map.Put(Bytes(key), Bytes(key * 10));
        }

        foreach (Action<ByteMap> change in new Action<ByteMap>[]
        {
            each => each.Put(Bytes(1), Bytes(100)),
            each => each.Put(Bytes(100), new byte[3_000]),
            each => each.Remove(Bytes(2)),
            each => each.CompareExchange(Bytes(3), Bytes(30), Bytes(31)),
            each => each.Clear(),
        })
        {
            ByteMap writer = map;
            _sink.IsRefusing = _sink.IsKeeping = true;
            Assert.Throws<TimeoutException>(() => change(writer));
            Assert.NotEqual(Contents(map), Replayed());
            _sink.IsKeeping = false;
            if (isKilled)
            {
                storage.Kill();
                Assert.Throws<TimeoutException>(() => ByteMap.Open(_directory.Path, options));
                _sink.IsRefusing = false;
                map = ByteMap.Open(_directory.Path, options);
            }
            else
            {
                Assert.Throws<TimeoutException>(() => writer.Put(Bytes(5), Bytes(50)));
                _sink.IsRefusing = false;
                map.Put(Bytes(5), Bytes(50));
            }

            Assert.Equal(Contents(map), Replayed());
        }

        map.Dispose();
    }

    /// <summary>A clear that is never published must not hide a pending correction for an absent key.</summary>
    [Fact]
    public void A_refused_clear_keeps_pending_feed_intents()
    {
        using ByteMap map = Open();
        map.Put("a"u8, "1"u8);
        _sink.IsRefusing = _sink.IsKeeping = true;
        Assert.Throws<TimeoutException>(() => map.Put("b"u8, "2"u8));
        _sink.IsKeeping = false;
        Assert.Throws<TimeoutException>(map.Clear);
        _sink.IsRefusing = false;
        map.Put("a"u8, "3"u8);
        Assert.Equal(Contents(map), Replayed());
    }

    /// <summary>The block that the feed intent refers to may be lost after a power cut, or may not be a block: then there is nothing to
    /// publish.</summary>
    [Fact]
    public void A_feed_intent_that_refers_to_nothing_is_ignored()
    {
        using (ByteMap map = Open())
        {
            map.Put("a"u8, "1"u8);
        }

        foreach (long intent in new[] { (long)BlockRef.Of(1, 64 * 1024, isList: false).Word, (long)BlockRef.Of(77, 256, isList: false).Word,
            (long)BlockRef.Of(1, 264, isList: true).Word, 2 })
        {
            using (FileStream meta = File.OpenWrite(_directory.Combine(HeapFormat.MetaFile)))
            {
                meta.Position = ByteMetaLayout.FeedIntent;
                meta.Write(BitConverter.GetBytes(intent));
            }

            _sink.Events.Clear();
            using ByteMap map = Open();
            Assert.Empty(_sink.Events);
            Assert.Equal(1, map.Count);
        }
    }

    [Fact]
    public void Publishing_changes_allocates_nothing()
    {
        using ByteMap map = ByteMap.Open(_directory.Path, new ByteMapOptions { Changes = new CountingSink() });
        byte[] key = Bytes(1);
        byte[] value = Bytes(2);
        long bytes = AllocationMeter.OnThisThread(100, () =>
        {
            map.Put(key, value);
            map.CompareExchange(key, value, key);
            map.Remove(key);
        });
        Assert.Equal(0, bytes);
    }

    private ByteMap Open() => ByteMap.Open(_directory.Path, new ByteMapOptions { Changes = _sink });

    private static byte[] Bytes(int number) => Encoding.UTF8.GetBytes($"{number}");

    private static IEnumerable<(string Key, string Value)> Contents(ByteMap map) =>
        map.ToDictionary().Select(pair => (pair.Key, Convert.ToHexString(pair.Value))).Order();

    private IEnumerable<(string Key, string Value)> Replayed() => _sink.ReplayBytes().Select(entry => (entry.Key, entry.Value)).Order();

    private sealed class CountingSink : IChangeSink
    {
        public long Bytes { get; private set; }

        public void Append(in MapChange change) => Bytes += change.EncodedBytes;
    }
}
