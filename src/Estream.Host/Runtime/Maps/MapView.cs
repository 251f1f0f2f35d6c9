using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Estream.Core;
using Estream.Host.Http;
using Estream.Map;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>Reads entries of one map for the console. Thread-safe: reads are lock-free and concurrent with the fold.</summary>
[SuppressMessage("Reliability", "CA1001",
    Justification =
    "The semaphore owns no resources unless its wait handle is used. A late request must find the gate closed, not disposed.")]
internal sealed class MapView(StateMap<Utf8Key64, LatestEntry> map, EstreamQueue queue, MessageJson json, ReadGate gate, IClock clock)
    : IMapView
{
    /// <summary>How long a page is reused for equal requests. Consoles poll every second, and each request would scan the whole
    /// map.</summary>
    private const long SharedNanos = 500_000_000;

    /// <summary>The maximum size of a cached page.</summary>
    private const int MaxKeptBytes = 1024 * 1024;

    // Scanning a large map takes long. Concurrent scans would take processors from the data path, and so would blocked threads.
    private readonly SemaphoreSlim _scan = new(1);

    // Guarded by the semaphore.
    private Page? _page;

    public async Task WriteEntriesAsync(ReadOnlyMemory<byte> prefix, int limit, Utf8JsonWriter writer, CancellationToken cancellation)
    {
        await _scan.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            Page page = _page is { } kept && kept.IsFor(prefix.Span, limit) && clock.MonotonicNanos - kept.Nanos < SharedNanos
                ? kept
                : gate.Read(() => Scan(prefix, limit));
            _page = page.Json.Length <= MaxKeptBytes ? page : null;
            writer.WriteRawValue(page.Json.Span, skipInputValidation: true);
        }
        finally
        {
            _scan.Release();
        }
    }

    public bool TryWriteEntry(ReadOnlySpan<byte> key, Utf8JsonWriter writer)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey))
        {
            return false;
        }

        return gate.Read(() =>
        {
            if (!map.TryGet(in mapKey, out LatestEntry entry))
            {
                return false;
            }

            using QueueTailer tailer = queue.CreateTailer();
            long room = MessageBudget.Answer.TotalBytes;
            WriteEntry(writer, in mapKey, in entry, tailer, ref room);
            return true;
        });
    }

    private Page Scan(ReadOnlyMemory<byte> prefix, int limit)
    {
        long nanos = clock.MonotonicNanos;
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, JsonBody.Options))
        {
            WriteEntriesCore(prefix.Span, limit, writer);
        }

        return new Page(prefix, limit, nanos, buffer.WrittenMemory);
    }

    /// <summary>
    /// Writes the first <paramref name="limit"/> keys in byte order. The map is unordered, so one pass with a bounded heap selects them;
    /// without changes, every call returns the same entries.
    /// </summary>
    private void WriteEntriesCore(ReadOnlySpan<byte> prefix, int limit, Utf8JsonWriter writer)
    {
        PriorityQueue<KeyValuePair<Utf8Key64, LatestEntry>, Utf8Key64> kept = new(limit + 1, ReverseKeyOrder.Instance);
        long total = 0;
        foreach (KeyValuePair<Utf8Key64, LatestEntry> entry in map)
        {
            Utf8Key64 key = entry.Key;
            if (!key.Span.StartsWith(prefix))
            {
                continue;
            }

            total++;
            if (kept.Count < limit)
            {
                kept.Enqueue(entry, key);
            }
            else
            {
                kept.EnqueueDequeue(entry, key);
            }
        }

        WriteKept(kept, total, writer);
    }

    private void WriteKept(PriorityQueue<KeyValuePair<Utf8Key64, LatestEntry>, Utf8Key64> kept, long total, Utf8JsonWriter writer)
    {
        KeyValuePair<Utf8Key64, LatestEntry>[] ordered = new KeyValuePair<Utf8Key64, LatestEntry>[kept.Count];
        for (int i = ordered.Length - 1; i >= 0; i--)
        {
            ordered[i] = kept.Dequeue();
        }

        using QueueTailer tailer = queue.CreateTailer();
        writer.WriteStartObject();
        writer.WriteStartArray("entries"u8);
        long room = MessageBudget.Answer.TotalBytes;
        foreach (KeyValuePair<Utf8Key64, LatestEntry> entry in ordered)
        {
            Utf8Key64 key = entry.Key;
            LatestEntry value = entry.Value;
            WriteEntry(writer, in key, in value, tailer, ref room);
        }

        writer.WriteEndArray();
        writer.WriteNumber("total"u8, total);
        writer.WriteEndObject();
    }

    // room: the remaining budget of the response in message bytes; reduced by this call.
    private void WriteEntry(Utf8JsonWriter writer, in Utf8Key64 key, in LatestEntry entry, QueueTailer tailer, ref long room)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key.ToString());
        MessageJson.WritePlace(writer, entry.Position, entry.Sequence, entry.Time);
        int maxBytes = (int)Math.Min(MessageBudget.Answer.MessageBytes, room);
        if (entry.IsInline)
        {
            json.WriteMessage(writer, entry.Message, maxBytes);
        }
        else
        {
            WriteFromQueue(writer, in entry, tailer, maxBytes);
        }

        room = Math.Max(0, room - entry.Length);
        writer.WriteEndObject();
    }

    private void WriteFromQueue(Utf8JsonWriter writer, in LatestEntry entry, QueueTailer tailer, int maxBytes)
    {
        try
        {
            tailer.Seek(entry.Position);
            if (tailer.TryRead(out QueueMessage message) && message.Sequence == entry.Sequence)
            {
                json.WriteMessage(writer, message.Payload, maxBytes);
                return;
            }
        }
        catch (EstreamCorruptionException damage)
        {
            MessageJson.WriteError(writer, "", [], damage.Message);
            return;
        }
        catch (Exception e) when (e is EstreamStorageException or ArgumentException)
        {
            // The queue no longer has the message at this position: retention has deleted it, because the device has sent nothing since, or
            // the entry is from another queue and the map is not rebuilt yet.
        }

        MessageJson.WriteError(writer, "", [], "the queue no longer contains this message");
    }

    /// <summary>A cached page: its request, the start time of its scan, and its JSON.</summary>
    private sealed record Page(ReadOnlyMemory<byte> Prefix, int Limit, long Nanos, ReadOnlyMemory<byte> Json)
    {
        public bool IsFor(ReadOnlySpan<byte> prefix, int limit) => limit == Limit && prefix.SequenceEqual(Prefix.Span);
    }

    /// <summary>Orders the greatest key first, so it is replaced first.</summary>
    private sealed class ReverseKeyOrder : IComparer<Utf8Key64>
    {
        public static readonly ReverseKeyOrder Instance = new();

        public int Compare(Utf8Key64 x, Utf8Key64 y) => y.Span.SequenceCompareTo(x.Span);
    }
}
