using System.Formats.Asn1;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Reads and writes keys in the standard ASN.1 structures (RFC 9881): SubjectPublicKeyInfo, and PKCS#8 with a seed, an expanded
/// key, or both.</summary>
/// <remarks>Reads strictly (DER): rejects another algorithm, other lengths and trailing bytes. Does not copy any part of a private
/// key.</remarks>
internal static class DsaKeyEncoding
{
    private const int MaxVersion = 1;

    private static readonly Asn1Tag s_seedTag = new(TagClass.ContextSpecific, 0);

    // A sequence with only the object identifier 2.16.840.1.101.3.4.3.x: these algorithms have no parameters.
    private static ReadOnlySpan<byte> AlgorithmPrefix => [0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03];

    /// <summary>Writes a public key.</summary>
    public static byte[] WritePublicKey(ParameterSet parameters, ReadOnlySpan<byte> encoded)
    {
        int bits = 1 + encoded.Length;
        byte[] algorithm = Algorithm(parameters);
        return [0x30, .. Length(algorithm.Length + HeaderBytes + bits), .. algorithm, 0x03, .. Length(bits), 0, .. encoded];
    }

    /// <summary>Writes a private key as its seed.</summary>
    /// <param name="parameters">The key's parameter set.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="destination">Receives the structure: exactly <see cref="SeedKeyBytes"/> bytes.</param>
    public static void WriteSeed(ParameterSet parameters, ReadOnlySpan<byte> seed, Span<byte> destination)
    {
        byte[] algorithm = Algorithm(parameters);
        byte[] header =
            [0x30, (byte)(SeedKeyBytes - 2), 0x02, 0x01, 0, .. algorithm, 0x04, ParameterSet.SeedBytes + 2, 0x80, ParameterSet.SeedBytes];
        header.CopyTo(destination);
        seed.CopyTo(destination[header.Length..]);
    }

    /// <summary>Writes a private key in its expanded form.</summary>
    /// <param name="parameters">The key's parameter set.</param>
    /// <param name="expanded">The key.</param>
    /// <param name="destination">Receives the structure: exactly <see cref="ExpandedKeyBytes"/> bytes.</param>
    public static void WriteExpanded(ParameterSet parameters, ReadOnlySpan<byte> expanded, Span<byte> destination)
    {
        byte[] algorithm = Algorithm(parameters);
        int inner = HeaderBytes + expanded.Length;
        byte[] header =
        [
            0x30, .. Length(3 + algorithm.Length + HeaderBytes + inner), 0x02, 0x01, 0, .. algorithm,
            0x04, .. Length(inner), 0x04, .. Length(expanded.Length),
        ];
        header.CopyTo(destination);
        expanded.CopyTo(destination[header.Length..]);
    }

    /// <summary>The size of a private key structure with only the seed.</summary>
    public static int SeedKeyBytes => 22 + ParameterSet.SeedBytes;

    /// <summary>Returns the size of a private key structure with only the expanded key.</summary>
    public static int ExpandedKeyBytes(ParameterSet parameters) => 28 + parameters.PrivateKeyBytes;

    /// <summary>Returns the maximum size of an accepted private key structure: both forms, and attributes after them.</summary>
    public static int MaxKeyBytes(ParameterSet parameters) => parameters.PrivateKeyBytes + parameters.PublicKeyBytes + 1024;

    private static int HeaderBytes => 4;

    /// <summary>Returns the public key in a SubjectPublicKeyInfo.</summary>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not a public key of this algorithm.</exception>
    public static ReadOnlySpan<byte> ReadPublicKey(ParameterSet parameters, ReadOnlySpan<byte> info)
    {
        try
        {
            AsnDecoder.ReadSequence(info, AsnEncodingRules.DER, out int at, out int length, out int consumed);
            ReadOnlySpan<byte> content = info.Slice(at, length);
            content = content[ReadAlgorithm(parameters, content)..];
            if (consumed == info.Length
                && AsnDecoder.TryReadPrimitiveBitString(content, AsnEncodingRules.DER, out int unused, out ReadOnlySpan<byte> encoded,
                    out int used)
                && unused == 0 && used == content.Length)
            {
                return encoded;
            }
        }
        catch (AsnContentException)
        {
            // Falls through to the exception below, whose message does not contain the input.
        }

        KeyCheck.ThrowEncoding(parameters.Name, "SubjectPublicKeyInfo (DER)");
        return default;
    }

    /// <summary>Returns the parts of a PKCS#8 private key: a seed, an expanded key, or both.</summary>
    /// <param name="parameters">The parameter set that the key must have.</param>
    /// <param name="info">The structure.</param>
    /// <param name="seed">Receives the seed; empty if absent.</param>
    /// <param name="expanded">Receives the expanded key; empty if absent.</param>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not a private key of this algorithm.</exception>
    public static void ReadPrivateKey(ParameterSet parameters, ReadOnlySpan<byte> info, out ReadOnlySpan<byte> seed,
        out ReadOnlySpan<byte> expanded)
    {
        try
        {
            AsnDecoder.ReadSequence(info, AsnEncodingRules.DER, out int at, out int length, out int consumed);
            ReadOnlySpan<byte> content = info.Slice(at, length);
            bool isKnown = AsnDecoder.TryReadInt32(content, AsnEncodingRules.DER, out int version, out int used) && version is >= 0
                and <= MaxVersion;
            content = content[used..];
            content = content[ReadAlgorithm(parameters, content)..];
            if (isKnown && consumed == info.Length
                && AsnDecoder.TryReadPrimitiveOctetString(content, AsnEncodingRules.DER, out ReadOnlySpan<byte> key, out used)
                && AreAttributes(content[used..]) && TryReadChoice(key, out seed, out expanded))
            {
                return;
            }
        }
        catch (AsnContentException)
        {
            // Falls through to the exception below, whose message does not contain the input.
        }

        seed = expanded = default;
        KeyCheck.ThrowEncoding(parameters.Name, "PKCS#8 private key (DER)");
    }

    // Returns the length of the algorithm identifier; throws if it is a different algorithm.
    private static int ReadAlgorithm(ParameterSet parameters, ReadOnlySpan<byte> content)
    {
        byte[] algorithm = Algorithm(parameters);
        return content.StartsWith(algorithm) ? algorithm.Length : throw new AsnContentException();
    }

    // Reads the choice of RFC 9881: seed [0], expanded key, or a sequence of both.
    private static bool TryReadChoice(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> seed, out ReadOnlySpan<byte> expanded)
    {
        seed = expanded = default;
        int used;
        Asn1Tag tag = Asn1Tag.Decode(key, out _);
        if (tag == s_seedTag)
        {
            return AsnDecoder.TryReadPrimitiveOctetString(key, AsnEncodingRules.DER, out seed, out used, s_seedTag) && used == key.Length;
        }

        if (tag == Asn1Tag.PrimitiveOctetString)
        {
            return AsnDecoder.TryReadPrimitiveOctetString(key, AsnEncodingRules.DER, out expanded, out used) && used == key.Length;
        }

        AsnDecoder.ReadSequence(key, AsnEncodingRules.DER, out int at, out int length, out int consumed);
        ReadOnlySpan<byte> both = key.Slice(at, length);
        return consumed == key.Length
            && AsnDecoder.TryReadPrimitiveOctetString(both, AsnEncodingRules.DER, out seed, out used)
            && AsnDecoder.TryReadPrimitiveOctetString(both[used..], AsnEncodingRules.DER, out expanded, out int last)
            && used + last == both.Length;
    }

    // Attributes [0] and a public key [1] may follow; they are ignored.
    private static bool AreAttributes(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            Asn1Tag tag = AsnDecoder.ReadEncodedValue(rest, AsnEncodingRules.DER, out _, out _, out int consumed);
            if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > 1)
            {
                return false;
            }

            rest = rest[consumed..];
        }

        return true;
    }

    private static byte[] Algorithm(ParameterSet parameters) => [.. AlgorithmPrefix, parameters.ObjectIdentifierEnd];

    // All lengths in this file are between 256 and 65,535.
    private static byte[] Length(int length) => [0x82, (byte)(length >> 8), (byte)length];
}
