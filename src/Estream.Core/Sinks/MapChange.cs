using System.Buffers.Binary;

namespace Estream.Core;

/// <summary>
/// One change of a map, as <see cref="IChangeSink"/> receives it and as a queue stores it. Applying the events in their order gives the
/// map. Each event contains the new state of the entry, so applying one twice does no harm.
/// </summary>
/// <remarks>A view of bytes that it does not own: valid as long as they are.</remarks>
public readonly ref struct MapChange
{
    /// <summary>The bytes of an event before key and value.</summary>
    public const int HeaderBytes = 24;

    private const int KindOffset = 0;
    private const int KeyBytesOffset = 4;
    private const int VersionOffset = 8;
    private const int ExpiresAtOffset = 16;

    /// <summary>Describes a change.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="key">The key's bytes; none for <see cref="MapChangeKind.Clear"/>.</param>
    /// <param name="value">The value's bytes, for <see cref="MapChangeKind.Put"/>.</param>
    /// <param name="version">The entry's version, or 0.</param>
    /// <param name="expiresAt">When the entry expires, in nanoseconds since 1970-01-01 UTC; 0 for never.</param>
    public MapChange(MapChangeKind kind, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long version = 0, long expiresAt = 0)
    {
        Kind = kind;
        Key = key;
        Value = value;
        Version = version;
        ExpiresAt = expiresAt;
    }

    /// <summary>What happened.</summary>
    public MapChangeKind Kind { get; }

    /// <summary>The key's bytes; none for <see cref="MapChangeKind.Clear"/>.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value's bytes, for <see cref="MapChangeKind.Put"/>.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The entry's version in a map with versions, for <see cref="MapChangeKind.Put"/>; otherwise 0.</summary>
    public long Version { get; }

    /// <summary>When the entry expires, in nanoseconds since 1970-01-01 UTC; 0 for never.</summary>
    public long ExpiresAt { get; }

    /// <summary>The number of bytes that <see cref="Write"/> writes.</summary>
    public int EncodedBytes => HeaderBytes + Key.Length + Value.Length;

    /// <summary>Writes the event in the format of docs/formats/map.md, Change events.</summary>
    /// <param name="destination">At least <see cref="EncodedBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">There are fewer.</exception>
    public void Write(Span<byte> destination)
    {
        if (destination.Length < EncodedBytes)
        {
            throw new ArgumentException($"The event has {EncodedBytes} bytes, but the destination has only {destination.Length}.",
                nameof(destination));
        }

        BinaryPrimitives.WriteInt32LittleEndian(destination[KindOffset..], (int)Kind);
        BinaryPrimitives.WriteInt32LittleEndian(destination[KeyBytesOffset..], Key.Length);
        BinaryPrimitives.WriteInt64LittleEndian(destination[VersionOffset..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(destination[ExpiresAtOffset..], ExpiresAt);
        Key.CopyTo(destination[HeaderBytes..]);
        Value.CopyTo(destination[(HeaderBytes + Key.Length)..]);
    }

    /// <summary>Reads an event from a message of a queue. Allocates nothing.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="change">The event, a view of the bytes of the message.</param>
    /// <returns>Whether the message is an event of a known kind.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, out MapChange change)
    {
        change = default;
        if (message.Length < HeaderBytes)
        {
            return false;
        }

        var kind = (MapChangeKind)BinaryPrimitives.ReadInt32LittleEndian(message[KindOffset..]);
        int keyBytes = BinaryPrimitives.ReadInt32LittleEndian(message[KeyBytesOffset..]);
        if (kind is < MapChangeKind.Put or > MapChangeKind.Clear || (uint)keyBytes > (uint)(message.Length - HeaderBytes))
        {
            return false;
        }

        change = new MapChange(
            kind,
            message.Slice(HeaderBytes, keyBytes),
            message[(HeaderBytes + keyBytes)..],
            BinaryPrimitives.ReadInt64LittleEndian(message[VersionOffset..]),
            BinaryPrimitives.ReadInt64LittleEndian(message[ExpiresAtOffset..]));
        return true;
    }
}

/// <summary>What happened to an entry of a map; see <see cref="MapChange"/>.</summary>
public enum MapChangeKind
{
    /// <summary>The key has this value now.</summary>
    Put = 1,

    /// <summary>The key has no value.</summary>
    Remove = 2,

    /// <summary>The key has no value any more, because the entry expired.</summary>
    Expire = 3,

    /// <summary>The map is empty.</summary>
    Clear = 4,
}
