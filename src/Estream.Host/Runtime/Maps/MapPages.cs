using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Core;
using Estream.Host.Http;
using Estream.Host.Remote;

namespace Estream.Host.Runtime;

/// <summary>Writes pages of one map. Pages of one map are written one at a time. Thread-safe.</summary>
/// <param name="gate">Closes before the map.</param>
/// <param name="clock">The clock.</param>
/// <param name="visit">Visits all keys of the map.</param>
/// <param name="write">Writes an entry.</param>
/// <param name="traits">Describes the map.</param>
[SuppressMessage("Reliability", "CA1001",
    Justification =
    "The semaphore owns no resources unless its wait handle is used. A late request must find the gate closed, not disposed.")]
internal sealed class MapPages(ReadGate gate, IClock clock, Action<KeyVisitor> visit, EntryWriter write, Func<MapTraits> traits)
{
    /// <summary>How long a page is reused for equal requests. Consoles poll every second, and each request would scan the whole
    /// map.</summary>
    private const long SharedNanos = 500_000_000;

    /// <summary>The maximum size of a cached page.</summary>
    private const int MaxKeptBytes = 1024 * 1024;

    /// <summary>The weight of a byte of a key in the budget of an answer. An answer may contain a key as text (one byte) and in
    /// hexadecimal (two bytes), and the last key as the cursor of the next page.</summary>
    private const int KeyWeight = 4;

    // Scanning a large map takes long. Concurrent scans and blocked threads would take processors from the data path.
    private readonly SemaphoreSlim _scan = new(1);

    // Guarded by the semaphore.
    private Page? _page;

    /// <summary>How long a request waits for other pages of the map. A waiting request holds a permit.</summary>
    public TimeSpan WaitLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Writes a page.</summary>
    /// <exception cref="TimeoutException">Other pages of the map take longer than <see cref="WaitLimit"/>.</exception>
    public async Task WriteAsync(MapPageRequest request, Utf8JsonWriter writer, CancellationToken cancellation)
    {
        if (!await _scan.WaitAsync(WaitLimit, cancellation).ConfigureAwait(false))
        {
            throw new TimeoutException("Other pages of the map are being read. Retry later.");
        }

        try
        {
            Page page = _page is { } kept && kept.Request.IsEqual(request) && clock.MonotonicNanos - kept.Nanos < SharedNanos
                ? kept
                : gate.Read(() => Scan(request, cancellation));
            _page = page.Json.Length <= MaxKeptBytes ? page : null;
            writer.WriteRawValue(page.Json.Span, skipInputValidation: true);
        }
        finally
        {
            _scan.Release();
        }
    }

    private Page Scan(MapPageRequest request, CancellationToken cancellation)
    {
        long nanos = clock.MonotonicNanos;
        KeySelection keys = new(request.Prefix, request.After, request.Limit);
        visit(key =>
        {
            cancellation.ThrowIfCancellationRequested();
            keys.Consider(key);
        });
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, JsonBody.Options))
        {
            byte[]? last = null;
            bool hasMore = keys.HasMore;
            long room = MessageBudget.Answer.TotalBytes;
            writer.WriteStartObject();
            writer.WriteStartArray("entries"u8);
            foreach (byte[] key in keys.Take())
            {
                if (room <= 0)
                {
                    hasMore = true;
                    break;
                }

                // An entry that was removed since the scan is left out.
                write(key, writer, ref room);
                room -= KeyWeight * key.Length;
                last = key;
            }

            writer.WriteEndArray();
            writer.WriteNumber("total"u8, keys.Total);
            writer.WriteString("next"u8, hasMore && last is not null ? EntryKey.CursorOf(last) : null);
            traits().WriteTo(writer);
            writer.WriteEndObject();
        }

        return new Page(request, nanos, buffer.WrittenMemory);
    }

    /// <summary>A cached page: its request, the start time of its scan, and its JSON.</summary>
    private sealed record Page(MapPageRequest Request, long Nanos, ReadOnlyMemory<byte> Json);
}

/// <summary>Writes an entry as an object; writes nothing and returns false if the map has no such key.</summary>
/// <param name="key">The key.</param>
/// <param name="writer">The writer.</param>
/// <param name="room">The remaining budget of the response in message bytes; reduced by the call. The page ends at 0.</param>
internal delegate bool EntryWriter(ReadOnlySpan<byte> key, Utf8JsonWriter writer, ref long room);

/// <summary>The page of a map that a client asks for.</summary>
/// <param name="Prefix">The start of the keys.</param>
/// <param name="After">The key before the page; empty for the first page.</param>
/// <param name="Limit">The maximum number of entries.</param>
internal readonly record struct MapPageRequest(ReadOnlyMemory<byte> Prefix, ReadOnlyMemory<byte> After, int Limit)
{
    public bool IsEqual(MapPageRequest other) => Limit == other.Limit && Prefix.Span.SequenceEqual(other.Prefix.Span)
        && After.Span.SequenceEqual(other.After.Span);
}

/// <summary>The owner, source, schema and key of a map.</summary>
/// <param name="Owner">The kind of part that writes the map: <c>queue</c>, <c>client</c>, <c>circuit</c>, <c>pipeline</c> or
/// <c>replica</c>.</param>
/// <param name="Source">The queue, pipeline or circuit that fills the map; the owner of a replica; empty for a map of clients.</param>
/// <param name="Schema">The schema of the values; empty if any bytes may be values.</param>
/// <param name="Key">The field with the key; empty if there is none.</param>
/// <param name="WhyReadOnly">Why REST does not change the map, and what to do; null if REST can change the map.</param>
internal sealed record MapTraits(string Owner, string Source, string Schema, string Key, string? WhyReadOnly)
{
    /// <summary><c>local</c>, or <c>owner</c> or <c>replica</c> of a map that is replicated.</summary>
    public string Role { get; init; } = "local";

    /// <summary>The traits of a map with the newest messages of a queue.</summary>
    public static MapTraits Folded(MapPlan map) => new("queue", map.Queue, map.Schema, map.Key,
        $"The map contains the newest messages of queue {map.Queue}. Append to the queue to change the map.");

    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteString("owner"u8, Owner);
        writer.WriteBoolean("writable"u8, WhyReadOnly is null);
        writer.WriteString("role"u8, Role);
    }
}

/// <summary>Keys of maps as text. Keys are any bytes.</summary>
internal static class EntryKey
{
    // The first character of a cursor with a key that is not text.
    private const char Hex = '\u0001';

    /// <summary>Writes the member <c>key</c>, and <c>keyBytes</c> if the key is not text.</summary>
    public static void Write(ReadOnlySpan<byte> key, Utf8JsonWriter writer)
    {
        writer.WriteString("key"u8, Encoding.UTF8.GetString(key));
        if (!Utf8.IsValid(key))
        {
            writer.WriteString("keyBytes"u8, Convert.ToHexStringLower(key));
        }
    }

    /// <summary>Returns a key as a cursor: the key itself if it is text.</summary>
    public static string CursorOf(ReadOnlySpan<byte> key) => key.Length > 0 && (key[0] == Hex || !Utf8.IsValid(key))
        ? Hex + Convert.ToHexStringLower(key)
        : Encoding.UTF8.GetString(key);

    /// <summary>Returns the key of a cursor.</summary>
    /// <exception cref="FormatException">The text is not a cursor.</exception>
    public static byte[] Parse(string cursor) =>
        cursor.StartsWith(Hex) ? Convert.FromHexString(cursor[1..]) : Encoding.UTF8.GetBytes(cursor);
}
