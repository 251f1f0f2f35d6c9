using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Map.Internal;

/// <summary>Derives keys from the wrapped keys in map.keys, one for each purpose and map; see docs/formats/bytemap.md.</summary>
internal static class KeyDerivation
{
    /// <summary>HKDF-SHA256 with the purpose and the map id as info, without salt.</summary>
    public static void Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> purpose, long mapId, Span<byte> key)
    {
        Span<byte> info = stackalloc byte[purpose.Length + sizeof(long)];
        purpose.CopyTo(info);
        BinaryPrimitives.WriteInt64LittleEndian(info[purpose.Length..], mapId);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: default, info);
    }
}
