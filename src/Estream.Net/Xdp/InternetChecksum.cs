using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Net.Xdp;

/// <summary>
/// The checksum of IPv4 and UDP: the ones' complement of the ones' complement sum of 16-bit words (RFC 1071). Sums are of words as loaded
/// on this machine, since the sum does not depend on the byte order as long as it is stored in the same one.
/// </summary>
internal static class InternetChecksum
{
    /// <summary>Returns a sum that <see cref="Fold"/> reduces. Sums of parts with even lengths can be added, up to 2^15 of them.</summary>
    /// <param name="bytes">Up to 64 KiB; an odd last byte is padded with a zero.</param>
    public static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ulong sum = 0;
        while (bytes.Length >= 8)
        {
            ulong eight = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            sum += (eight >> 32) + (uint)eight;
            bytes = bytes[8..];
        }

        if (bytes.Length >= 4)
        {
            sum += BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            bytes = bytes[4..];
        }

        if (bytes.Length >= 2)
        {
            sum += BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            bytes = bytes[2..];
        }

        return bytes.Length == 0 ? sum : sum + bytes[0];
    }

    /// <summary>Reduces a sum to 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Fold(ulong sum)
    {
        sum = (sum >> 32) + (uint)sum;
        sum = (sum >> 16) + (sum & 0xFFFF);
        sum = (sum >> 16) + (sum & 0xFFFF);
        return (ushort)((sum >> 16) + (sum & 0xFFFF));
    }

    /// <summary>Stores a folded value, in the byte order of the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(Span<byte> destination, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(destination, value);

    /// <summary>Loads a stored value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Read(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt16LittleEndian(source);
}
