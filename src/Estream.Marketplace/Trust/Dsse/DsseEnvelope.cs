using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>
/// A document with signatures: the JSON envelope of DSSE version 1 (secure-systems-lab/dsse), for the formats of docs/formats/release.md.
/// Callers verify the payload bytes first and then parse those same bytes. Immutable and thread-safe.
/// </summary>
public sealed class DsseEnvelope
{
    /// <summary>The maximum number of signatures in an envelope.</summary>
    public const int MaxSignatures = 64;

    /// <summary>The maximum size of a payload, in bytes.</summary>
    public const int MaxPayloadBytes = 8 << 20;

    private readonly byte[] _payload;
    private readonly DsseSignature[] _signatures;

    private DsseEnvelope(string payloadType, byte[] payload, DsseSignature[] signatures)
    {
        (PayloadType, _payload, _signatures) = (payloadType, payload, signatures);
    }

    /// <summary>The claimed type of the payload.</summary>
    public string PayloadType { get; }

    /// <summary>The signatures as received.</summary>
    public IReadOnlyList<DsseSignature> Signatures => _signatures;

    /// <summary>The payload as received. Do not trust its content before <see cref="TryVerify"/> has returned true.</summary>
    public ReadOnlyMemory<byte> UnverifiedPayload => _payload;

    /// <summary>Creates a signed envelope.</summary>
    /// <param name="type">The type of the payload.</param>
    /// <param name="payload">The bytes to sign. Copied.</param>
    /// <param name="signers">The signers.</param>
    /// <exception cref="ArgumentException">The payload has more than <see cref="MaxPayloadBytes"/> bytes, or there are more than
    /// <see cref="MaxSignatures"/> signatures.</exception>
    public static DsseEnvelope Sign(DocumentType type, ReadOnlySpan<byte> payload, params IEnumerable<DocumentSigner> signers)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(signers);
        if (payload.Length > MaxPayloadBytes)
        {
            throw new ArgumentException($"The payload has {payload.Length} bytes; a document has at most {MaxPayloadBytes}.",
                nameof(payload));
        }

        DsseEnvelope envelope = new(type.PayloadType, payload.ToArray(), []);
        return signers.Aggregate(envelope, (signed, signer) => signed.With(type, signer));
    }

    /// <summary>Returns this document with the signatures of one more signer; existing signatures of this signer are replaced.</summary>
    /// <param name="type">The type of the payload.</param>
    /// <param name="signer">The signer.</param>
    /// <exception cref="ArgumentException">The envelope has another type, or would have more than <see cref="MaxSignatures"/>
    /// signatures.</exception>
    public DsseEnvelope With(DocumentType type, DocumentSigner signer)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(signer);
        if (PayloadType != type.PayloadType)
        {
            throw new ArgumentException(
                $"The envelope has the payload type '{PayloadType}' and cannot be signed as '{type.PayloadType}'.", nameof(type));
        }

        DsseSignature[] own = [.. signer.Sign(type, PreAuthEncoding.Of(PayloadType, _payload))];
        DsseSignature[] signatures = [.. _signatures.Where(other => own.All(one => one.KeyId != other.KeyId)), .. own];
        return signatures.Length <= MaxSignatures
            ? new DsseEnvelope(PayloadType, _payload, signatures)
            : throw new ArgumentException($"The envelope would have {signatures.Length} signatures; at most {MaxSignatures} are allowed.",
                nameof(signer));
    }

    /// <summary>Returns this document with additional signatures; existing signatures by the same keys are replaced.</summary>
    /// <exception cref="ArgumentException">The envelope would have more than <see cref="MaxSignatures"/> signatures.</exception>
    internal DsseEnvelope WithSignatures(IReadOnlyCollection<DsseSignature> others)
    {
        DsseSignature[] signatures = [.. _signatures.Where(own => others.All(other => other.KeyId != own.KeyId)), .. others];
        return signatures.Length <= MaxSignatures
            ? new DsseEnvelope(PayloadType, _payload, signatures)
            : throw new ArgumentException($"The envelope would have {signatures.Length} signatures; at most {MaxSignatures} are allowed.",
                nameof(others));
    }

    /// <summary>Returns the valid signatures of those of the given keys that have signed this document as the given type.</summary>
    internal IReadOnlyList<DsseSignature> SignaturesOf(DocumentType type, IEnumerable<DocumentKey> keys)
    {
        byte[] encoded = PreAuthEncoding.Of(PayloadType, _payload);
        return
        [
            .. SignersAmong(type, keys)
                .SelectMany(key => _signatures.Where(signature => IsSignatureOf(key, type, encoded, signature)))
                .DistinctBy(signature => signature.KeyId, StringComparer.Ordinal),
        ];
    }

    /// <summary>Reads an envelope without verifying it. Accepts any bytes and never throws because of them.</summary>
    /// <param name="json">The text of the envelope.</param>
    /// <param name="maxBytes">The maximum size of the text, in bytes.</param>
    /// <param name="envelope">The envelope.</param>
    /// <param name="reason">Why the text is not an envelope.</param>
    public static bool TryRead(ReadOnlySpan<byte> json, int maxBytes, [NotNullWhen(true)] out DsseEnvelope? envelope,
        [NotNullWhen(false)] out string? reason)
    {
        envelope = null;
        JsonLimits limits = new(maxBytes, MaxDepth: 3, MaxValues: 3 + (3 * MaxSignatures) + 1);
        if (!StrictJsonReader.TryRead(json, limits, out JsonValue? value, out JsonFault? fault))
        {
            reason = $"the envelope is not the JSON of DSSE: {fault}";
            return false;
        }

        JsonFields fields = new(value);
        string payloadType = fields.Text("payloadType", 128);
        byte[] payload = fields.Base64("payload", MaxPayloadBytes);
        DsseSignature[] signatures = [.. fields.Objects("signatures", MaxSignatures).Select(ReadSignature)];
        reason = fields.End() is { } wrong ? $"the envelope is not a DSSE envelope: {wrong}" : null;
        envelope = reason is null ? new DsseEnvelope(payloadType, payload, signatures) : null;
        return reason is null;
    }

    /// <summary>Returns the encoded envelope: canonical JSON in UTF-8.</summary>
    public byte[] ToJson() => CanonicalJson.Write(new JsonObject
    {
        { "payloadType", PayloadType },
        { "payload", Convert.ToBase64String(_payload) },
        {
            "signatures", JsonArray.Of(_signatures.Select(signature => new JsonObject
            {
                { "keyid", signature.KeyId },
                { "sig", Convert.ToBase64String(signature.Bytes.Span) },
            }))
        },
    });

    /// <summary>
    /// Returns those of the given keys that have signed this document as the given type. A key given twice is returned once, and so are two
    /// keys that share their ML-DSA-87 key. Invalid signatures are ignored.
    /// </summary>
    /// <param name="type">The required type of the document.</param>
    /// <param name="keys">The keys that count, from a chain of trust and never from the document.</param>
    public IReadOnlyList<DocumentKey> SignersAmong(DocumentType type, IEnumerable<DocumentKey> keys)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(keys);
        if (PayloadType != type.PayloadType)
        {
            return [];
        }

        byte[] encoded = PreAuthEncoding.Of(PayloadType, _payload);
        return [.. keys.Where(key => IsSignedBy(key, type, encoded)).DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal)];
    }

    /// <summary>Verifies that enough distinct keys have signed this document as the given type.</summary>
    /// <param name="type">The required type of the document.</param>
    /// <param name="keys">The keys that count, from a chain of trust and never from the document.</param>
    /// <param name="threshold">The number of distinct keys required, at least 1.</param>
    /// <param name="payload">The verified bytes.</param>
    /// <param name="reason">Why the payload cannot be trusted.</param>
    public bool TryVerify(DocumentType type, IReadOnlyCollection<DocumentKey> keys, int threshold, out ReadOnlyMemory<byte> payload,
        [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        payload = default;
        if (PayloadType != type.PayloadType)
        {
            reason = $"the envelope has the payload type '{PayloadType}'; '{type.PayloadType}' is expected";
            return false;
        }

        int signers = SignersAmong(type, keys).Count;
        if (signers < threshold)
        {
            reason = $"{signers} of the {keys.Count} trusted keys have signed it as a {type}; {threshold} must sign (the envelope has "
                + $"{_signatures.Length} signatures)";
            return false;
        }

        payload = _payload;
        reason = null;
        return true;
    }

    private static DsseSignature ReadSignature(JsonFields fields) => new(
        Convert.ToHexStringLower(fields.Hex("keyid", DocumentKey.IdBytes)),
        fields.Base64("sig", Crypto.MlDsa87.SignatureBytes, Crypto.Ed25519.SignatureBytes));

    private bool IsSignedBy(DocumentKey key, DocumentType type, byte[] encoded) =>
        _signatures.Any(signature => signature.KeyId == key.MlDsa87Id && key.MlDsa87.Verify(encoded, type.Context, signature.Bytes.Span))
        && (key.Ed25519 is null
            || _signatures.Any(signature => signature.KeyId == key.Ed25519Id && key.Ed25519.Verify(encoded, [], signature.Bytes.Span)));

    private static bool IsSignatureOf(DocumentKey key, DocumentType type, byte[] encoded, DsseSignature signature) =>
        signature.KeyId == key.MlDsa87Id ? key.MlDsa87.Verify(encoded, type.Context, signature.Bytes.Span)
        : key.Ed25519 is not null && signature.KeyId == key.Ed25519Id && key.Ed25519.Verify(encoded, [], signature.Bytes.Span);
}

/// <summary>A signature in an envelope, not verified.</summary>
/// <param name="KeyId">The claimed id of the key: a hint to find the key, never a proof.</param>
/// <param name="Bytes">The signature.</param>
public sealed record DsseSignature(string KeyId, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// The bytes that are signed: the Pre-Authentication Encoding (PAE) of DSSE version 1, which is unique for each pair of type and payload:
/// <c>DSSEv1</c>, then the length and the bytes of each, separated by single spaces.
/// </summary>
internal static class PreAuthEncoding
{
    public static byte[] Of(string payloadType, ReadOnlySpan<byte> payload)
    {
        byte[] type = Encoding.UTF8.GetBytes(payloadType);
        byte[] head =
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {type.Length} {payloadType} {payload.Length} "));
        return [.. head, .. payload];
    }
}
