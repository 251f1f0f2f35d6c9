using System.Security.Cryptography;
using Estream.Crypto.Internal;

namespace Estream.Wire.Hl7.Translation;

/// <summary>
/// Makes the logical ids of resources: the first 128 bits of an HMAC-SHA256 (RFC 2104) of an identifier with its assigner, in hexadecimal.
/// The ids of one key are stable, so that messages of one patient meet in a map. Without the key they reveal nothing. Immutable and
/// thread-safe.
/// </summary>
internal sealed class Pseudonyms
{
    /// <summary>The length of an id.</summary>
    public const int IdLength = 32;

    /// <summary>The minimum length of a key.</summary>
    public const int MinKeyBytes = 16;

    private readonly HmacSha256 _key;

    public Pseudonyms(ReadOnlySpan<byte> key)
    {
        _key = new HmacSha256(key);
    }

    /// <summary>Writes the id of an identifier.</summary>
    /// <param name="kind">Separates the ids of different fields.</param>
    /// <param name="assigner">Who issued the identifier; may be empty.</param>
    /// <param name="identifier">The identifier.</param>
    /// <param name="detail">A part of the identified object, such as the number of an observation; may be empty.</param>
    /// <param name="scratch">Scratch space.</param>
    /// <param name="id">Receives <see cref="IdLength"/> bytes.</param>
    /// <returns>False if the values do not fit into the scratch space.</returns>
    public bool TryWrite(
        char kind, ReadOnlySpan<byte> assigner, ReadOnlySpan<byte> identifier, ReadOnlySpan<byte> detail, Span<byte> scratch, Span<byte> id)
    {
        int length = 3 + assigner.Length + identifier.Length + detail.Length;
        if (length > scratch.Length)
        {
            return false;
        }

        scratch[0] = (byte)kind;
        assigner.CopyTo(scratch[1..]);
        scratch[1 + assigner.Length] = 0;
        identifier.CopyTo(scratch[(2 + assigner.Length)..]);
        scratch[2 + assigner.Length + identifier.Length] = 0;
        detail.CopyTo(scratch[(3 + assigner.Length + identifier.Length)..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _key.Compute(scratch[..length], hash);
        scratch[..length].Clear();
        return Convert.TryToHexStringLower(hash[..(IdLength / 2)], id, out _);
    }
}
