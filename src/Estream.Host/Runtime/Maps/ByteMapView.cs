using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Client;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Remote;
using Estream.Map;

namespace Estream.Host.Runtime;

/// <summary>Reads entries of a map of bytes for the console: a map that clients write, its replica, or a map of a circuit.
/// Thread-safe.</summary>
internal sealed class ByteMapView : IMapView
{
    private const long NanosPerMilli = 1_000_000;
    private const int MaxShownBytes = 64 * 1024;

    // An entry that changes at each read of its version is shown with an older expiry.
    private const int MaxReads = 16;

    private readonly VersionedByteMap _map;
    private readonly MessageJson _json;
    private readonly ReadGate _gate;
    private readonly MapPages _pages;
    private readonly Func<MapTraits> _traits;

    // History reads the count of each map once a second, so the delegate is created once.
    private readonly Func<long> _count;

    private ByteMapView(VersionedByteMap map, KeyValueMap? writable, MessageJson json, ReadGate gate, IClock clock, Func<MapTraits> traits)
    {
        (_map, Writable, _json, _gate, _traits, _count) = (map, writable, json, gate, traits, () => map.Count);
        _pages = new MapPages(gate, clock, Visit,
            (ReadOnlySpan<byte> key, Utf8JsonWriter writer, ref long room) => TryWrite(key, writer, readsLong: false, ref room), traits);
    }

    public KeyValueMap? Writable { get; }

    public MapTraits Traits => _gate.Read(_traits);

    public long Count => _gate.Read(_count);

    public string WhyNoHistory => "The map keeps no earlier values.";

    /// <summary>The view of a map that clients write, or of its replica.</summary>
    public static ByteMapView Of(KeyValueMap map, MessageJson json, ReadGate gate, IClock clock) =>
        new(map.Map, map.Writable, json, gate, clock, () =>
        {
            RemoteMapInfo info = map.Info;
            return new MapTraits(info.Role == RemoteMapRole.Replica ? "replica" : "client", info.Owner, "", "",
                map.Writable is null ? map.WhyReadOnly : null)
            {
                Role = info.Role.ToString().ToLowerInvariant(),
            };
        });

    /// <summary>The view of a map that the operation of a circuit writes.</summary>
    public static ByteMapView Of(VersionedByteMap map, string circuit, MessageJson json, ReadGate gate, IClock clock)
    {
        MapTraits traits = new("circuit", circuit, "", "", $"The circuit {circuit} writes the map. Append to its queue to change the map.");
        return new ByteMapView(map, null, json, gate, clock, () => traits);
    }

    public Task WriteEntriesAsync(MapPageRequest request, Utf8JsonWriter writer, CancellationToken cancellation) =>
        _pages.WriteAsync(request, writer, cancellation);

    public bool TryWriteEntry(ReadOnlySpan<byte> key, Utf8JsonWriter writer)
    {
        byte[] asked = key.ToArray();
        return _gate.Read(() =>
        {
            long room = MessageBudget.Answer.TotalBytes;
            return asked.Length <= ByteMap.MaxKeyBytes && TryWrite(asked, writer, readsLong: true, ref room);
        });
    }

    public MessageSearch? History(byte[] key, int limit) => null;

    private void Visit(KeyVisitor visit)
    {
        foreach (VersionedByteMapEntry entry in _map)
        {
            visit(entry.Key);
        }
    }

    // For a value longer than MaxShownBytes, a page has only the length, because the map reads only whole values.
    private bool TryWrite(ReadOnlySpan<byte> key, Utf8JsonWriter writer, bool readsLong, ref long room)
    {
        if (!TryRead(key, readsLong, out byte[]? value, out int length, out long version, out long expiresAt))
        {
            return false;
        }

        writer.WriteStartObject();
        EntryKey.Write(key, writer);
        writer.WriteNumber("version"u8, version);
        JsonBody.WriteNumberOrNull(writer, "expiresAt"u8, expiresAt == 0 ? null : expiresAt / NanosPerMilli);
        writer.WriteNumber("length"u8, length);
        if (value is not null)
        {
            WriteValue(writer, value, (int)Math.Min(MaxShownBytes, room), _json);
            room = Math.Max(0, room - Math.Min(length, MaxShownBytes));
        }

        writer.WriteEndObject();
        return true;
    }

    private bool TryRead(
        ReadOnlySpan<byte> key, bool readsLong, out byte[]? value, out int length, out long version, out long expiresAt)
    {
        (value, length) = (null, 0);
        long read = -1;
        version = expiresAt = 0;
        for (int i = 0; i < MaxReads && read != version; i++)
        {
            if (!_map.TryGetVersion(key, out version, out expiresAt))
            {
                return false;
            }

            value = null;
            if (!readsLong && _map.TryGet(key, [], out length, out read).Code == StatusCode.Full && length > MaxShownBytes)
            {
                continue;
            }

            if (!_map.TryGet(key, out value, out read))
            {
                return false;
            }

            length = value.Length;
        }

        version = read;
        return true;
    }

    /// <summary>Writes the members of a value with a known schema, or <c>text</c> or <c>bytes</c>. Values without a known schema are bytes
    /// that clients have stored; all clients may read them.</summary>
    public static void WriteValue(Utf8JsonWriter writer, byte[] value, int maxBytes, MessageJson json)
    {
        if (json.Schemas.TryGet(value, out EsfSchema? _))
        {
            json.WriteMessage(writer, value, maxBytes);
            return;
        }

        ReadOnlySpan<byte> shown = value.AsSpan(0, Math.Min(value.Length, maxBytes));
        if (IsText(value))
        {
            writer.WriteString("text"u8, Encoding.UTF8.GetString(shown));
        }
        else
        {
            writer.WriteString("bytes"u8, Convert.ToHexStringLower(shown));
        }
    }

    private static bool IsText(ReadOnlySpan<byte> value) => Utf8.IsValid(value)
        && value.IndexOfAnyInRange((byte)0, (byte)8) < 0 && value.IndexOfAnyInRange((byte)14, (byte)31) < 0;
}
