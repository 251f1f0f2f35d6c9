using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Computes the cookie of a receiver at an address: HMAC-SHA256 with a random secret of this publisher, the first 8 bytes. A party that
/// returns the cookie received a setup at that address. Keeps no state for each receiver. Not thread-safe.
/// </summary>
internal sealed class AddressCookies
{
    private const int SecretBytes = 32;
    private const int InputBytes = 30;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>Returns the cookie; never 0.</summary>
    /// <param name="receiver">The sender id of the receiver.</param>
    /// <param name="address">The address at which it receives.</param>
    public long Of(ulong receiver, in PacketAddress address)
    {
        Span<byte> input = stackalloc byte[InputBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(input, receiver);
        BinaryPrimitives.WriteUInt128LittleEndian(input[8..], address.Value);
        BinaryPrimitives.WriteUInt16LittleEndian(input[24..], address.Port);
        BinaryPrimitives.WriteUInt32LittleEndian(input[26..], address.ScopeId);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_secret, input, mac);
        long cookie = BinaryPrimitives.ReadInt64LittleEndian(mac);
        return cookie == 0 ? 1 : cookie;
    }
}
