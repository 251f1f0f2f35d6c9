using Estream.Core;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>Batches of a versioned byte map: their refusals, their requirements, and the versions and expiry of their entries.</summary>
public sealed class VersionedByteMapBatchTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ManualClock _clock = new();
    private readonly RecordingSink _sink = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_versioned_batch_refuses_invalid_arguments()
    {
        using VersionedByteMap map = Open();
        Assert.Throws<ArgumentOutOfRangeException>(() => map.CreateBatch(0));
        VersionedByteMapBatch batch = map.CreateBatch(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.RequireVersion("a"u8, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Put("a"u8, "1"u8, TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => batch.Put("a"u8, new byte[VersionedByteMap.MaxValueBytes + 1]));
        Assert.Throws<ArgumentException>(() => batch.Remove(new byte[ByteMap.MaxKeyBytes + 1]));
        Assert.Equal((0, 1), (batch.Count, batch.Capacity));
        batch.Put("a"u8, "1"u8);
        Assert.Throws<InvalidOperationException>(() => batch.RequireVersion("b"u8, 0));
        batch.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batch.Commit());
        using VersionedByteMap reader = VersionedByteMap.OpenReadOnly(_directory.Path);
        Assert.Throws<InvalidOperationException>(() => reader.CreateBatch());
        Assert.Equal(0, map.Count);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(0UL)]
    public void Commit_changes_nothing_and_uses_no_version_unless_every_required_version_holds(ulong mask)
    {
        using VersionedByteMap map = Open(mask);
        long first = map.Put("a"u8, "10"u8);
        long second = map.Put("b"u8, "20"u8, TimeSpan.FromSeconds(1));
        using VersionedByteMapBatch batch = map.CreateBatch();
        foreach ((string key, long version) in new[] { ("a", first + 1), ("a", 0L), ("b", first), ("c", 1L) })
        {
            batch.Clear();
            batch.Put("a"u8, "11"u8);
            batch.Remove("b"u8);
            batch.Put("c"u8, "33"u8);
            batch.RequireVersion(System.Text.Encoding.UTF8.GetBytes(key), version);
            Assert.False(batch.Commit());
            Assert.True(map.TryGet("a"u8, out byte[]? value, out long now) && value.AsSpan().SequenceEqual("10"u8) && now == first);
            Assert.True(map.ContainsKey("b"u8) && !map.ContainsKey("c"u8));
        }

        // An expired entry is absent.
        _clock.Pass(TimeSpan.FromSeconds(2));
        batch.Clear();
        batch.RequireVersion("a"u8, first);
        batch.RequireVersion("b"u8, 0);
        batch.RequireVersion("c"u8, 0);
        batch.Put("a"u8, "11"u8);
        batch.Put("c"u8, "33"u8, TimeSpan.FromSeconds(1));
        batch.Remove("b"u8);
        batch.Remove("d"u8);
        _sink.Events.Clear();
        Assert.True(batch.Commit());
        Assert.Equal([MapChangeKind.Put, MapChangeKind.Expire, MapChangeKind.Put],
            _sink.Events.OrderBy(change => change.Key[0]).Select(change => change.Kind));
        Assert.True(map.TryGet("a"u8, out byte[]? one, out long third) && one.AsSpan().SequenceEqual("11"u8) && third == second + 1);
        Assert.True(map.TryGetVersion("c"u8, out long fourth, out long expiresAt) && fourth == second + 2 && expiresAt == _clock.UtcNanos
            + 1_000_000_000);
        Assert.Equal(2, map.Count);
        Assert.True(map.CompareExchange("a"u8, third, "12"u8, out long fifth) && fifth == second + 3);
        _clock.Pass(TimeSpan.FromSeconds(2));
        Assert.False(map.ContainsKey("c"u8));
        Assert.Equal(1, map.RemoveExpired());
    }

    /// <summary>A refused batch may have published events. The corrections cover every key of the batch, whichever writer publishes
    /// them.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Events_of_a_batch_that_was_not_applied_are_corrected(bool isKilled)
    {
        KillableStorage storage = new();
        for (int at = 0; at < 4; at++)
        {
            using VersionedByteMap map = Open(storage: storage);
            map.Put("a"u8, "1"u8);
            map.Put("b"u8, "2"u8);
            VersionedByteMapBatch batch = map.CreateBatch();
            batch.Put("a"u8, "11"u8);
            batch.Remove("b"u8);
            batch.Put("c"u8, "3"u8, TimeSpan.FromDays(1));
            int left = at;
            _sink.OnEvent = () => _sink.IsRefusing = _sink.IsKeeping = left-- <= 0;
            bool isRefused = at < 3;
            Assert.True(isRefused ? Assert.Throws<TimeoutException>(() => batch.Commit()) is not null : batch.Commit());
            _sink.OnEvent = null;
            _sink.IsRefusing = _sink.IsKeeping = false;
            Assert.Equal(isRefused, map.TryGet("b"u8, out _, out _));
            if (isKilled)
            {
                storage.Kill();
                using VersionedByteMap after = Open(storage: storage);
                Assert.Equal(after.Entries(), _sink.ReplayBytes());
                after.Clear();
            }
            else
            {
                map.Put("z"u8, "0"u8);
                Assert.Equal(map.Entries(), _sink.ReplayBytes());
                map.Clear();
            }
        }
    }

    /// <summary>The removal of an expired entry is not a part of a write. A sink that refuses the removal does not make a completed write
    /// fail.</summary>
    [Fact]
    public void A_commit_succeeds_when_the_sink_refuses_an_incidental_removal()
    {
        NothingExpires sink = new();
        using VersionedByteMap map = VersionedByteMap.Open(_directory.Path, new ByteMapOptions { Clock = _clock, Changes = sink });
        map.Put("ends"u8, "1"u8, TimeSpan.FromSeconds(1));
        map.Put("stays"u8, [0]);
        _clock.Pass(TimeSpan.FromSeconds(2));
        using VersionedByteMapBatch batch = map.CreateBatch();
        for (byte turn = 1; turn < 100 && sink.Refused < 2; turn++)
        {
            batch.Put("stays"u8, [turn]);
            Assert.True(batch.Commit());
            Assert.Equal(0, batch.Count);
            Assert.True(map.TryGet("stays"u8, out byte[]? value, out _));
            Assert.Equal([turn], value);
        }

        // Single writes also succeed when the sink refuses a removal.
        for (byte turn = 1; turn < 100 && sink.Refused < 4; turn++)
        {
            map.Put("single"u8, [turn]);
            Assert.True(map.Remove("single"u8));
        }

        Assert.Equal((4, 2), (sink.Refused, map.Count));
        Assert.Throws<TimeoutException>(() => map.RemoveExpired());
    }

    private VersionedByteMap Open(ulong mask = ulong.MaxValue, KillableStorage? storage = null) => VersionedByteMap.Open(
        _directory.Path,
        new ByteMapOptions
        {
            InitialCapacity = 0,
            SegmentBytes = 4096,
            HashMask = mask,
            Clock = _clock,
            Changes = _sink,
            Storage = storage ?? new KillableStorage(),
        });
}
