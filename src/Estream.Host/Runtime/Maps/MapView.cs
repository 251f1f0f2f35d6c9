using System.Text.Json;
using Estream.Core;
using Estream.Host.Http;
using Estream.Map;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>Reads entries of one map for the console. Thread-safe: the map is read lock-free beside its fold.</summary>
internal sealed class MapView(StateMap<Utf8Key64, LatestEntry> map, EstreamQueue queue, MessageJson json, ReadGate gate) : IMapView
{
    // A large map takes long to scan; several scans at once would take the processors from the data path.
    private readonly Lock _scan = new();

    public void WriteEntries(ReadOnlySpan<byte> prefix, int limit, Utf8JsonWriter writer)
    {
        byte[] prefixBytes = prefix.ToArray();
        lock (_scan)
        {
            gate.Read(() => WriteEntriesCore(prefixBytes, limit, writer));
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
            WriteEntry(writer, in mapKey, in entry, tailer);
            return true;
        });
    }

    /// <summary>
    /// The map is unordered, so the first <paramref name="limit"/> keys in byte order are found in one pass through
    /// it with a bounded heap: the same entries at every call, as far as nothing changes.
    /// </summary>
    private bool WriteEntriesCore(byte[] prefix, int limit, Utf8JsonWriter writer)
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
        return true;
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
        foreach (KeyValuePair<Utf8Key64, LatestEntry> entry in ordered)
        {
            Utf8Key64 key = entry.Key;
            LatestEntry value = entry.Value;
            WriteEntry(writer, in key, in value, tailer);
        }

        writer.WriteEndArray();
        writer.WriteNumber("total"u8, total);
        writer.WriteEndObject();
    }

    private void WriteEntry(Utf8JsonWriter writer, in Utf8Key64 key, in LatestEntry entry, QueueTailer tailer)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key.ToString());
        MessageJson.WritePlace(writer, entry.Position, entry.Sequence, entry.Time);
        if (entry.IsInline)
        {
            json.WriteMessage(writer, entry.Message, MessageBudget.Answer.MessageBytes);
        }
        else
        {
            WriteFromQueue(writer, entry.Position, tailer);
        }

        writer.WriteEndObject();
    }

    private void WriteFromQueue(Utf8JsonWriter writer, long position, QueueTailer tailer)
    {
        try
        {
            tailer.Seek(position);
            if (tailer.TryRead(out QueueMessage message))
            {
                json.WriteMessage(writer, message.Payload, MessageBudget.Answer.MessageBytes);
                return;
            }
        }
        catch (EstreamStorageException)
        {
            // Retention has overtaken a device that has been silent for long; its place in the log is all that is left.
        }

        MessageJson.WriteError(writer, "", [], "the queue no longer keeps this message");
    }

    /// <summary>Puts the greatest key at the head of the heap, so that it is the one replaced.</summary>
    private sealed class ReverseKeyOrder : IComparer<Utf8Key64>
    {
        public static readonly ReverseKeyOrder Instance = new();

        public int Compare(Utf8Key64 x, Utf8Key64 y) => y.Span.SequenceCompareTo(x.Span);
    }
}
