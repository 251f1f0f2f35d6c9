using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Map;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Reads entries of a map with the newest message of each key, for the console. Thread-safe: reads are lock-free and concurrent
/// with the fold.</summary>
internal sealed class MapView : IMapView
{
    private readonly StateMap<Utf8Key64, LatestEntry> _map;
    private readonly EstreamQueue _queue;
    private readonly MessageJson _json;
    private readonly ReadGate _gate;
    private readonly MapPages _pages;

    // History reads the count of each map once a second, so the delegate is created once.
    private readonly Func<long> _count;

    public MapView(StateMap<Utf8Key64, LatestEntry> map, EstreamQueue queue, MessageJson json, ReadGate gate, IClock clock)
    {
        (_map, _queue, _json, _gate, _count) = (map, queue, json, gate, () => map.Count);
        _pages = new MapPages(gate, clock, Visit, TryWrite, () => Traits);
    }

    public MapTraits Traits { get; init; } = MapTraits.Folded(new MapPlan("", "", "", ""));

    public long Count => _gate.Read(_count);

    public KeyValueMap? Writable => null;

    /// <summary>The queue with the earlier messages, and their key; null if the map keeps results that no queue has.</summary>
    public (QueueView Queue, EsfSchema Schema, EsfField Key)? Origin { get; init; }

    public string WhyNoHistory => "A pipeline or circuit computes the values of the map, and no queue has the earlier values.";

    public Task WriteEntriesAsync(MapPageRequest request, Utf8JsonWriter writer, CancellationToken cancellation) =>
        _pages.WriteAsync(request, writer, cancellation);

    public bool TryWriteEntry(ReadOnlySpan<byte> key, Utf8JsonWriter writer)
    {
        byte[] asked = key.ToArray();
        return _gate.Read(() =>
        {
            long room = MessageBudget.Answer.TotalBytes;
            return TryWrite(asked, writer, ref room);
        });
    }

    public MessageSearch? History(byte[] key, int limit) => Origin is not { } origin ? null : origin.Queue.Search(
        new SearchTerms(new SeekPoint(SeekKind.Sequence, long.MaxValue), null, IsBackward: true, limit, MessageBudget.Answer.TotalBytes,
            MessageFilter.None, null, IsWrapped: false)
        {
            Also = message => HasKey(message, origin.Schema, origin.Key, key),
        });

    private static bool HasKey(ReadOnlySpan<byte> message, EsfSchema schema, EsfField field, ReadOnlySpan<byte> key)
    {
        if (!schema.Matches(message))
        {
            return false;
        }

        if (field.Kind == EsfTypeKind.String)
        {
            return field.TryGetBytes(message, out ReadOnlySpan<byte> own) && own.SequenceEqual(key);
        }

        Span<byte> text = stackalloc byte[Utf8Key64.MaxLength];
        return field.TryFormat(message, text, out int written) && text[..written].SequenceEqual(key);
    }

    private void Visit(KeyVisitor visit)
    {
        foreach (KeyValuePair<Utf8Key64, LatestEntry> entry in _map)
        {
            Utf8Key64 key = entry.Key;
            visit(key.Span);
        }
    }

    private bool TryWrite(ReadOnlySpan<byte> key, Utf8JsonWriter writer, ref long room)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey) || !_map.TryGet(in mapKey, out LatestEntry entry))
        {
            return false;
        }

        using QueueTailer? tailer = entry.IsInline ? null : _queue.CreateTailer();
        WriteEntry(writer, in mapKey, in entry, tailer, ref room);
        return true;
    }

    // room: the remaining budget of the response in message bytes; reduced by this call.
    private void WriteEntry(Utf8JsonWriter writer, in Utf8Key64 key, in LatestEntry entry, QueueTailer? tailer, ref long room)
    {
        writer.WriteStartObject();
        writer.WriteString("key"u8, key.ToString());
        MessageJson.WritePlace(writer, entry.Position, entry.Sequence, entry.Time);
        int maxBytes = (int)Math.Min(MessageBudget.Answer.MessageBytes, room);
        if (tailer is null)
        {
            _json.WriteMessage(writer, entry.Message, maxBytes);
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
                _json.WriteMessage(writer, message.Payload, maxBytes);
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
}
