using Estream.Map;

namespace Estream.Circuits.Operations;

/// <summary>A map of bytes that operations work on, of either kind. The map stays its owner's to dispose. One thread at a time may write
/// it, as the map itself says: whoever runs its operations is that thread.</summary>
public sealed class OperationMap
{
    private OperationMap(ByteMap? plain, VersionedByteMap? versioned)
    {
        Plain = plain;
        Versioned = versioned;
    }

    /// <summary>The map; null where its entries have versions.</summary>
    public ByteMap? Plain { get; }

    /// <summary>The map; null where its entries have no versions.</summary>
    public VersionedByteMap? Versioned { get; }

    /// <summary>The directory of its files; null for one in memory.</summary>
    public string? Directory => Plain is null ? Versioned!.Directory : Plain.Directory;

    /// <summary>A map without versions.</summary>
    /// <param name="map">Open for writing.</param>
    /// <exception cref="ArgumentException">It was opened read-only.</exception>
    public static OperationMap Of(ByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(map, null);
    }

    /// <summary>A map with versions.</summary>
    /// <inheritdoc cref="Of(ByteMap)"/>
    public static OperationMap Of(VersionedByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(null, map);
    }

    /// <summary>Whether a key and a value are no longer than the map takes.</summary>
    internal bool Takes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.Length <= ByteMap.MaxKeyBytes && value.Length <= (Plain is null ? VersionedByteMap.MaxValueBytes : ByteMap.MaxValueBytes);

    private static ArgumentException ReadOnly(string? directory) =>
        new($"The map '{directory}' was opened read-only, and operations write. Open it with Open.");
}
