using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// An entry of the maps of bytes, as in bench/peers/maps/absl_strings.cpp: a key of 24 bytes, of which the last eight differ, and a value
/// of 64 bytes, which starts with its number.
/// </summary>
internal static class ByteEntry
{
    public const int ValueBytes = 64;

    private static ReadOnlySpan<byte> Prefix => "plant/4/devices/"u8;

    public static byte[] NewKey() => [.. Prefix, .. new byte[sizeof(ulong)]];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Key(byte[] buffer, ulong key)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.AsSpan(Prefix.Length), key);
        return buffer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Value(byte[] buffer, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(buffer, value);
        return buffer;
    }
}
