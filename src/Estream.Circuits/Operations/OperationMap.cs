using Estream.Circuits.Operations.Fixed;
using Estream.Map;

namespace Estream.Circuits.Operations;

/// <summary>A map that operations work on, with or without versions. Its owner disposes it. Operations that share one instance exclude one
/// another, so they may run on several threads; no other code may write the map meanwhile.</summary>
/// <remarks>Keys and values of a map of fixed-size values are their bytes in memory; requests with other lengths are invalid.
/// <c>map.batch</c> and <c>map.sync</c> work on byte maps only.</remarks>
public sealed class OperationMap
{
    private OperationMap(ByteMap? plain, VersionedByteMap? versioned, FixedStore? store)
    {
        Plain = plain;
        Versioned = versioned;
        Fixed = store;
    }

    /// <summary>The map; null unless it is a byte map without versions.</summary>
    public ByteMap? Plain { get; }

    /// <summary>The map; null unless it is a byte map with versions.</summary>
    public VersionedByteMap? Versioned { get; }

    /// <summary>The directory of the map; null for a map in memory.</summary>
    public string? Directory => Fixed is not null ? Fixed.Directory : Plain is null ? Versioned!.Directory : Plain.Directory;

    /// <summary>Wraps a map without versions.</summary>
    /// <param name="map">The map, open for writing.</param>
    /// <exception cref="ArgumentException">The map was opened read-only.</exception>
    public static OperationMap Of(ByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(map, null, null);
    }

    /// <summary>Wraps a map with versions.</summary>
    /// <inheritdoc cref="Of(ByteMap)"/>
    public static OperationMap Of(VersionedByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(null, map, null);
    }

    /// <summary>Wraps a map of fixed-size values without versions.</summary>
    /// <inheritdoc cref="Of(ByteMap)"/>
    public static OperationMap Of<TKey, TValue>(StateMap<TKey, TValue> map)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(null, null, new PlainFixedStore<TKey, TValue>(map));
    }

    /// <summary>Wraps a map of fixed-size values with versions.</summary>
    /// <inheritdoc cref="Of(ByteMap)"/>
    public static OperationMap Of<TKey, TValue>(VersionedMap<TKey, TValue> map)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(null, null, new VersionedFixedStore<TKey, TValue>(map));
    }

    /// <summary>The map of fixed-size values; null for a byte map.</summary>
    internal FixedStore? Fixed { get; }

    /// <summary>Held while an operation runs on the map.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Whether a key and a value are within the length limits of the byte map.</summary>
    internal bool Takes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.Length <= ByteMap.MaxKeyBytes && value.Length <= (Plain is null ? VersionedByteMap.MaxValueBytes : ByteMap.MaxValueBytes);

    private static ArgumentException ReadOnly(string? directory) =>
        new($"The map '{directory}' is open read-only, but operations need to write. Open it with Open.");
}
