using Estream.Map.Internal;

namespace Estream.Map;

/// <summary>An entry of a <see cref="VersionedByteMap"/>, as an enumeration met it: copies, valid until the enumeration goes on.</summary>
public readonly ref struct VersionedByteMapEntry
{
    private readonly Stamp _stamp;

    internal VersionedByteMapEntry(ByteMapEntry stored)
    {
        _stamp = Stamp.Read(stored.Value);
        Key = stored.Key;
        Value = stored.Value[Stamp.Bytes..];
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Its version, above 0. A key never gets the same one twice, and a later one is higher.</summary>
    public long Version => _stamp.Version;

    /// <summary>When it ends, in nanoseconds since 1970 UTC; 0 when it stays.</summary>
    public long ExpiresAt => _stamp.ExpiresAt;
}
