using Estream.Map;

namespace Estream.Circuits.Operations;

/// <summary>A byte map that operations work on, with or without versions. Its owner disposes it. Operations that share one instance exclude
/// one another, so they may run on several threads; no other code may write the map meanwhile.</summary>
public sealed class OperationMap
{
    private OperationMap(ByteMap? plain, VersionedByteMap? versioned)
    {
        Plain = plain;
        Versioned = versioned;
    }

    /// <summary>The map; null if its entries have versions.</summary>
    public ByteMap? Plain { get; }

    /// <summary>The map; null if its entries have no versions.</summary>
    public VersionedByteMap? Versioned { get; }

    /// <summary>The directory of the map; null for a map in memory.</summary>
    public string? Directory => Plain is null ? Versioned!.Directory : Plain.Directory;

    /// <summary>Wraps a map without versions.</summary>
    /// <param name="map">The map, open for writing.</param>
    /// <exception cref="ArgumentException">The map was opened read-only.</exception>
    public static OperationMap Of(ByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(map, null);
    }

    /// <summary>Wraps a map with versions.</summary>
    /// <inheritdoc cref="Of(ByteMap)"/>
    public static OperationMap Of(VersionedByteMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.IsReadOnly ? throw ReadOnly(map.Directory) : new OperationMap(null, map);
    }

    /// <summary>Held while an operation runs on the map.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Whether a key and a value are within the length limits of the map.</summary>
    internal bool Takes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        key.Length <= ByteMap.MaxKeyBytes && value.Length <= (Plain is null ? VersionedByteMap.MaxValueBytes : ByteMap.MaxValueBytes);

    private static ArgumentException ReadOnly(string? directory) =>
        new($"The map '{directory}' is open read-only, but operations need to write. Open it with Open.");
}
