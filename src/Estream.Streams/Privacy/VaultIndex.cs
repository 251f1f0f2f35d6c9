using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Streams;

/// <summary>Where an entry of a vault is: an HMAC-SHA-256, 32 bytes.</summary>
internal readonly record struct VaultIndex(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>Where the proof of the key is; no HMAC is all zeros.</summary>
    public static VaultIndex Proof => default;

    public static VaultIndex Of(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]), BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, A);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[(HMACSHA256.HashSizeInBytes - sizeof(ulong))..], D);
    }
}
