using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Host.Runtime;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: a map is shown in order and within limits, even if its messages are too long to be stored in it.</summary>
public sealed class MapViewTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly StateMap<Utf8Key64, LatestEntry> _map = StateMap.CreateInMemory<Utf8Key64, LatestEntry>();
    private readonly ManualClock _clock = new(0);
    private readonly MapView _view;

    public MapViewTests()
    {
        _queue = EstreamQueue.Open(_directory.Combine("q"));
        _appender = _queue.CreateAppender(AppenderMode.Exclusive);
        _view = new MapView(_map, _queue, new MessageJson(EsfSchemaSet.BuiltIn), new ReadGate(), _clock);
    }

    public void Dispose()
    {
        _map.Dispose();
        _queue.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Reading_the_count_allocates_nothing()
    {
        Put("pump-7", "m");
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => Assert.True(_view.Count == 1)));
    }

    [Theory]
    [InlineData("", 5, 500)]
    [InlineData("pump-", 3, 400)]
    [InlineData("pump-00", 1000, 100)]
    [InlineData("none", 10, 0)]
    public void Entries_are_sorted_by_key_and_counted(string prefix, int limit, int total)
    {
        string[] keys = [.. Enumerable.Range(0, 400).Select(i => $"pump-{i:D4}"), .. Enumerable.Range(0, 100).Select(i => $"valve-{i:D4}")];
        foreach (string key in keys.Reverse())
        {
            Put(key, "m");
        }

        JsonElement shown = List(prefix, limit);

        Assert.Equal(
            keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(limit),
            shown.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("key").GetString()));
        Assert.Equal(total, shown.GetProperty("total").GetInt64());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(500)]
    public void A_message_is_shown_from_the_map_or_the_queue(int unitLength)
    {
        Put("pump-7", new string('m', Math.Min(unitLength, 128)), metadataBytes: unitLength);

        JsonElement entry = Json(writer => Assert.True(_view.TryWriteEntry("pump-7"u8, writer)));

        Assert.Equal(["key", "position", "sequence", "time", "schema", "message", "address"], entry.EnumerateObject().Select(p => p.Name));
        Assert.Equal("pump-7", entry.GetProperty("message").GetProperty("device_id").GetString());
        Assert.Equal(unitLength, entry.GetProperty("message").GetProperty("metadata").GetProperty("k").GetString()!.Length);
    }

    [Fact]
    public void Pages_return_every_key_once_in_order()
    {
        string[] keys = [.. Enumerable.Range(0, 95).Select(i => $"pump-{i:D4}")];
        foreach (string key in keys.Reverse())
        {
            Put(key, "m");
        }

        List<string> seen = [];
        string? next = "";
        while (next is not null)
        {
            JsonElement page = List("pump-", 10, next);
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("key").GetString()!));
            Assert.Equal(95, page.GetProperty("total").GetInt64());
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(keys, seen);
        Assert.Empty(List("pump-", 10, "pump-9999").GetProperty("entries").EnumerateArray());
    }

    [Fact]
    public void A_missing_or_invalid_key_is_not_found()
    {
        Assert.False(_view.TryWriteEntry("pump-7"u8, new Utf8JsonWriter(new ArrayBufferWriter<byte>())));
        Assert.False(_view.TryWriteEntry(new byte[1000], new Utf8JsonWriter(new ArrayBufferWriter<byte>())));
    }

    [Fact]
    public void Concurrent_requests_for_one_page_share_a_scan()
    {
        Put("pump-1", "m");
        Assert.Equal(1, Total("", 10));
        Put("pump-2", "m");

        Assert.Equal(1, Total("", 10));
        Assert.Equal(2, Total("", 11));
        Assert.Equal(2, Total("pump", 11));
        Put("pump-3", "m");
        _clock.PassNanos(499_999_999);
        Assert.Equal(2, Total("pump", 11));
        _clock.PassNanos(1);
        Assert.Equal(3, Total("pump", 11));

        long Total(string prefix, int limit) => List(prefix, limit).GetProperty("total").GetInt64();
    }

    [Fact]
    public void A_page_decodes_a_bounded_number_of_bytes()
    {
        for (int i = 0; i < 100; i++)
        {
            Put($"pump-{i:D2}", "m", metadataBytes: 200_000);
        }

        JsonElement first = List("", 100);
        JsonElement rest = List("", 100, first.GetProperty("next").GetString()!);
        List<JsonElement> entries = [.. first.GetProperty("entries").EnumerateArray()];
        int shown = entries.Count(e => e.GetProperty("message").EnumerateObject().Any());
        entries.AddRange(rest.GetProperty("entries").EnumerateArray());
        entries.AddRange(List("", 100, rest.GetProperty("next").GetString()!).GetProperty("entries").EnumerateArray());

        Assert.InRange(shown * 200_000L, 1, MessageBudget.Answer.TotalBytes);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"pump-{i:D2}"), entries.Select(e => e.GetProperty("key").GetString()));
    }

    [Fact]
    public void An_unreadable_entry_does_not_hide_the_others()
    {
        Put("a", "m", metadataBytes: 500);
        long another = Put("b", "m", metadataBytes: 500);
        PutPlace("in-the-middle", another + 8, 1);
        PutPlace("beyond-the-end", another + (1 << 30), 2);
        PutPlace("of-another-queue", another, 77);

        JsonElement[] entries = [.. List("", 100).GetProperty("entries").EnumerateArray()];

        Assert.Equal(["a", "b"], entries.Where(e => !e.TryGetProperty("error", out _)).Select(e => e.GetProperty("key").GetString()));
        Assert.Equal(5, entries.Length);
    }

    [Fact]
    public async Task A_waiting_scan_blocks_no_thread()
    {
        Put("a", "m");
        using BlockedBuffer blocked = new();
        await using Utf8JsonWriter slow = new(blocked);
        Task first = Task.Run(() => _view.WriteEntriesAsync(new MapPageRequest(default, default, 1), slow, CancellationToken.None));
        blocked.Reached.Wait();

        await using Utf8JsonWriter quick = new(new ArrayBufferWriter<byte>());
        Task second = _view.WriteEntriesAsync(new MapPageRequest(default, default, 1), quick, CancellationToken.None);
        using CancellationTokenSource left = new();
        await using Utf8JsonWriter unused = new(new ArrayBufferWriter<byte>());
        Task third = _view.WriteEntriesAsync(new MapPageRequest(default, default, 1), unused, left.Token);
        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        Assert.False(second.IsCompleted);
        blocked.GoOn.Set();
        await Task.WhenAll(first, second);
        Assert.True(quick.BytesPending > 0);
    }

    private void PutPlace(string name, long position, long sequence)
    {
        Assert.True(Utf8Key64.TryCreate(name, out Utf8Key64 key));
        LatestEntry entry = LatestEntry.Create(position, sequence, 1, new byte[LatestEntry.InlineBytes + 1]);
        _map.Put(in key, in entry);
    }

    private JsonElement List(string prefix, int limit, string after = "") =>
        Json(writer => _view.WriteEntriesAsync(
            new MapPageRequest(Encoding.UTF8.GetBytes(prefix), EntryKey.Parse(after), limit), writer, CancellationToken.None)
            .GetAwaiter().GetResult());

    private long Put(string device, string metric, int metadataBytes = 0)
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        string metadata = metadataBytes == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $",\"metadata\":{{\"k\":\"{new string('v', metadataBytes)}\"}}");
        byte[] message = new byte[2048 + metadataBytes];
        string json = $$"""{"device_id":"{{device}}","timestamp":1,"metric_name":"{{metric}}","value":0.5{{metadata}}}""";
        EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length);
        Assert.True(status.IsOk, status.ToString());
        long sequence = _appender.NextSequence;
        long position = _appender.Append(message.AsSpan(0, length));
        Assert.True(Utf8Key64.TryCreate(device, out Utf8Key64 key));
        LatestEntry entry = LatestEntry.Create(position, sequence, 1, message.AsSpan(0, length));
        _map.Put(in key, in entry);
        return position;
    }

    private static JsonElement Json(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            write(writer);
        }

        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }

    /// <summary>Waits until the test releases it.</summary>
    private sealed class BlockedBuffer : IBufferWriter<byte>, IDisposable
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public void Advance(int count) => _bytes.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Reached.Set();
            GoOn.Wait();
            return _bytes.GetMemory(sizeHint);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Dispose()
        {
            Reached.Dispose();
            GoOn.Dispose();
        }
    }
}
