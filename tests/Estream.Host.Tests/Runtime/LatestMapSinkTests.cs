using Estream.Core;
using Estream.Host.Runtime;
using Estream.Map;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a map is rebuilt if and only if it may lack messages of its queue.</summary>
public sealed class LatestMapSinkTests : IDisposable
{
    private static readonly long s_origin = LatestMapSink.OriginOf("telemetry", "estream.iot.IoTTelemetry", "device_id");

    /// <summary>A position after every message of these tests.</summary>
    private const long End = 1000;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_new_map_requires_a_replay_until_its_first_message()
    {
        using StateMap<Utf8Key64, LatestEntry> map = Open();
        LatestMapSink sink = new(map, s_origin, End, isFollowed: true);

        Assert.True(sink.NeedsReplay);
        sink.Clear();
        Assert.True(new LatestMapSink(map, s_origin, End, isFollowed: true).NeedsReplay,
            "a crash before the cursor went to the start must replay again");
        Assert.True(Put(sink, "a", 1));
        Assert.False(sink.NeedsReplay);
    }

    [Fact]
    public void A_reopened_map_continues()
    {
        using (StateMap<Utf8Key64, LatestEntry> map = Open())
        {
            Put(new LatestMapSink(map, s_origin, End, isFollowed: true), "a", 1);
        }

        using StateMap<Utf8Key64, LatestEntry> again = Open();
        Assert.False(new LatestMapSink(again, s_origin, End, isFollowed: true).NeedsReplay);
    }

    [Fact]
    public void A_map_that_its_queue_does_not_know_requires_a_replay()
    {
        using StateMap<Utf8Key64, LatestEntry> map = Open();
        Put(new LatestMapSink(map, s_origin, End, isFollowed: true), "a", 1);

        Assert.True(new LatestMapSink(map, s_origin, End, isFollowed: false).NeedsReplay);
    }

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public void A_map_ahead_of_its_queue_is_rebuilt(long end, bool needsReplay)
    {
        using StateMap<Utf8Key64, LatestEntry> map = Open();
        LatestMapSink sink = new(map, s_origin, End, isFollowed: true);
        Put(sink, "a", 1);
        Put(sink, "b", 2);

        LatestMapSink restored = new(map, s_origin, end, isFollowed: true);
        Assert.Equal(needsReplay, restored.NeedsReplay);
        restored.Clear();
        Put(restored, "a", 1);
        Assert.False(restored.NeedsReplay);
    }

    [Theory]
    [InlineData("other", "estream.iot.IoTTelemetry", "device_id")]
    [InlineData("telemetry", "estream.iot.IoTAlert", "device_id")]
    [InlineData("telemetry", "estream.iot.IoTTelemetry", "timestamp")]
    public void A_map_built_from_another_source_is_rebuilt(string queue, string schema, string key)
    {
        using StateMap<Utf8Key64, LatestEntry> map = Open();
        Put(new LatestMapSink(map, s_origin, End, isFollowed: true), "a", 1);

        Assert.True(new LatestMapSink(map, LatestMapSink.OriginOf(queue, schema, key), End, isFollowed: true).NeedsReplay);
    }

    [Fact]
    public void The_latest_message_of_a_key_is_stored_with_its_position()
    {
        using StateMap<Utf8Key64, LatestEntry> map = Open();
        LatestMapSink sink = new(map, s_origin, End, isFollowed: true);
        Put(sink, "a", 1);
        Put(sink, "a", 2);

        Assert.True(Utf8Key64.TryCreate("a"u8, out Utf8Key64 key));
        Assert.True(map.TryGet(in key, out LatestEntry entry));
        Assert.Equal((20, 2, 200, 3), (entry.Position, entry.Sequence, entry.Time, entry.Length));
        Assert.Equal(1, map.Count);
    }

    [Fact]
    public void A_too_long_key_is_rejected_and_changes_nothing()
    {
        using StateMap<Utf8Key64, LatestEntry> map = Open();
        LatestMapSink sink = new(map, s_origin, End, isFollowed: true);

        Assert.False(sink.TryPut(new byte[65], 1, 1, 1, "x"u8));
        Assert.Equal(0, map.Count);
    }

    [Fact]
    public void Putting_allocates_nothing()
    {
        using StateMap<Utf8Key64, LatestEntry> map = Open();
        LatestMapSink sink = new(map, s_origin, End, isFollowed: true);
        Put(sink, "a", 1);

        Assert.Equal(0, AllocationMeter.OnThisThread(1000, () => Put(sink, "a", 2)));
    }

    private StateMap<Utf8Key64, LatestEntry> Open() => StateMap.Open<Utf8Key64, LatestEntry>(_directory.Combine("map"));

    private static bool Put(IKeyedSink sink, string key, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        int length = System.Text.Encoding.UTF8.GetBytes(key, bytes);
        return sink.TryPut(bytes[..length], number * 10, number, number * 100, "abc"u8);
    }
}
