using System.Security.Cryptography;
using System.Text;
using Estream.Crypto.Internal;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;

namespace Estream.Wire.Fhir.Translation;

/// <summary>
/// Replaces logical ids by pseudonyms: the first 128 bits of an HMAC-SHA256 (RFC 2104) of resource type and id, in hexadecimal. The
/// pseudonyms of one key are stable, so a reference still names its resource. Without the key they reveal nothing. Thread-safe.
/// </summary>
internal sealed class FhirPseudonyms
{
    /// <summary>The length of a pseudonym.</summary>
    public const int IdLength = 32;

    /// <summary>The minimum length of a key.</summary>
    public const int MinKeyBytes = 16;

    private readonly HmacSha256 _key;

    private volatile ServerUrls _urls = ServerUrls.None;

    public FhirPseudonyms(ReadOnlySpan<byte> key) => _key = new HmacSha256(key);

    /// <summary>The URLs of this server: a reference below them gets the pseudonym of the relative one.</summary>
    public ServerUrls Urls
    {
        get => _urls;
        set => _urls = value;
    }

    /// <summary>Writes the pseudonym of an id.</summary>
    /// <param name="type">The resource type.</param>
    /// <param name="id">The id; may overlap the destination.</param>
    /// <param name="destination">Receives <see cref="IdLength"/> bytes.</param>
    /// <returns>The length, or -1 if the destination is too short.</returns>
    public int WriteId(ReadOnlySpan<byte> type, ReadOnlySpan<byte> id, Span<byte> destination)
    {
        Span<byte> scratch = stackalloc byte[2 * 64 + 1];
        if (destination.Length < IdLength || type.Length + id.Length >= scratch.Length)
        {
            return -1;
        }

        type.CopyTo(scratch);
        scratch[type.Length] = (byte)'/';
        id.CopyTo(scratch[(type.Length + 1)..]);
        Hash(scratch[..(type.Length + 1 + id.Length)], destination);
        return IdLength;
    }

    /// <summary>
    /// Writes a reference with a pseudonym (FHIR R4, 2.3.0.1). <c>Patient/23</c> gets the pseudonym of that patient. A URL of another
    /// server, also <c>urn:uuid:</c>, gets the pseudonym of the whole URL, because the same id there is another resource. <c>#p1</c> names
    /// a contained resource, whose id the sender chooses, and stays a reference inside its resource; <c>#</c> is the resource itself.
    /// </summary>
    /// <param name="reference">The reference; may overlap the destination.</param>
    /// <param name="destination">Receives the reference.</param>
    /// <returns>The length, or -1 if the destination is too short.</returns>
    public int WriteReference(ReadOnlySpan<byte> reference, Span<byte> destination)
    {
        if (reference.SequenceEqual("#"u8))
        {
            reference.CopyTo(destination);
            return reference.Length;
        }

        if (reference.IndexOf("://"u8) > 0)
        {
            reference = Encoding.UTF8.GetBytes(_urls.Normalize(Encoding.UTF8.GetString(reference)));
        }

        bool isContained = reference.StartsWith("#"u8);
        ReadOnlySpan<byte> start = isContained ? "#"u8 : "urn:pseudonym:"u8;
        bool isRelative = FhirReference.TryParseRelative(reference, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> id)
            && ResourceTypes.IsKnown(type);
        int prefix = isRelative ? type.Length + 1 : start.Length;
        if (destination.Length < prefix + IdLength)
        {
            return -1;
        }

        // The destination may begin with the reference: its first bytes stay where they are, and the hash is complete before it is written.
        Hash(isRelative ? reference[..(prefix + id.Length)] : reference, destination[prefix..]);
        (isRelative ? reference[..prefix] : start).CopyTo(destination);
        return prefix + IdLength;
    }

    private void Hash(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _key.Compute(text, hash);
        Convert.TryToHexStringLower(hash[..(IdLength / 2)], destination, out _);
    }
}
