using System.Diagnostics.CodeAnalysis;

namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>
/// Compares topics, filters and their levels byte by byte, without normalization [MQTT-4.7.3-4] [MQTT-3.10.4-1]. They are untrusted input,
/// so their hashes depend on a random seed of this process, and an attacker cannot construct collisions.
/// </summary>
internal sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    private BytesComparer()
    {
    }

    public static BytesComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y)
    {
        return x is null || y is null ? x == y : x.AsSpan().SequenceEqual(y);
    }

    public int GetHashCode([DisallowNull] byte[] obj)
    {
        return Hash(obj);
    }

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other)
    {
        return alternate.SequenceEqual(other);
    }

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        return Hash(alternate);
    }

    public byte[] Create(ReadOnlySpan<byte> alternate)
    {
        return alternate.ToArray();
    }

    private static int Hash(ReadOnlySpan<byte> bytes)
    {
        HashCode hash = default;
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }
}
