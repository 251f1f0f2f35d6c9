using System.Text;

namespace Estream.Client;

/// <summary>A key of a map: bytes, or text as UTF-8.</summary>
/// <param name="Bytes">The key bytes.</param>
public readonly record struct MapKey(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The key as UTF-8 text.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator MapKey(string text) => FromString(text);

    /// <summary>The key as bytes.</summary>
    /// <param name="bytes">The key bytes; not copied.</param>
    public static implicit operator MapKey(byte[] bytes) => FromByteArray(bytes);

    /// <summary>Creates a key from UTF-8 text.</summary>
    /// <param name="text">The text.</param>
    public static MapKey FromString(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <summary>Creates a key from bytes.</summary>
    /// <param name="bytes">The key bytes; not copied.</param>
    public static MapKey FromByteArray(byte[] bytes) => new(bytes);

    /// <summary>The key as text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes.Span);
}

/// <summary>An entry of a map.</summary>
/// <param name="Value">The value.</param>
/// <param name="Version">The version, above 0. A later version of a key is higher.</param>
/// <param name="ExpiresAt">The time at which the entry expires, in nanoseconds since 1970 UTC; 0 if it does not expire.</param>
public readonly record struct MapEntry(ReadOnlyMemory<byte> Value, long Version, long ExpiresAt);

/// <summary>An entry of a map with its key.</summary>
/// <param name="Key">The key.</param>
/// <param name="Entry">The entry.</param>
public readonly record struct KeyedMapEntry(MapKey Key, MapEntry Entry);

/// <summary>The result of a conditional change.</summary>
/// <param name="IsDone">Whether the entry was changed.</param>
/// <param name="Version">The version of the entry after the call; 0 if the map does not have the key.</param>
public readonly record struct MapChangeResult(bool IsDone, long Version);

/// <summary>The role of a host for a map.</summary>
public enum RemoteMapRole : byte
{
    /// <summary>The map is on this host only.</summary>
    Local = 0,

    /// <summary>The host owns the map, and other hosts have replicas.</summary>
    Owner = 1,

    /// <summary>The host has a replica, which can only be read.</summary>
    Replica = 2,
}

/// <summary>Who owns a map, and how old the content is that a host shows.</summary>
/// <param name="Role">The role of the host.</param>
/// <param name="Owner">Of a replica, the name of the host that owns the map; empty if it is not known yet.</param>
/// <param name="AsOf">Of a replica, the time up to which it has all changes, by the clock of the owner, in nanoseconds since 1970 UTC; 0 if
/// it is not complete.</param>
/// <param name="IsComplete">False while entries of a new replica are missing.</param>
public readonly record struct RemoteMapInfo(RemoteMapRole Role, string Owner, long AsOf, bool IsComplete)
{
    /// <summary>Whether entries may be missing or stale, because the machine of the host stopped (power cut, kernel crash) while the map
    /// was open, or a flush failed. Write the entries again from their source.</summary>
    public bool HostCrashed { get; init; }
}
