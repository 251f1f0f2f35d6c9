using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>
/// A key that verifies signatures on documents: an ML-DSA-87 key, optionally combined with an Ed25519 key. With both, both signatures are
/// required; neither alone counts as a signature by this key. Immutable and thread-safe.
/// </summary>
public sealed class DocumentKey : IEquatable<DocumentKey>
{
    /// <summary>The size of the SHA-256 hash that forms an id, in bytes.</summary>
    public const int IdBytes = SHA256.HashSizeInBytes;

    private readonly byte[] _encoded;

    /// <summary>Creates a key.</summary>
    /// <param name="mlDsa87">The ML-DSA-87 key.</param>
    /// <param name="ed25519">The Ed25519 key that must sign too, or null.</param>
    /// <exception cref="EstreamInvalidKeyException">The Ed25519 key is not a canonical point, or has small order. Under a key of small
    /// order, anybody can forge signatures (<see cref="KeyFault.Range"/>).</exception>
    public DocumentKey(MlDsa87PublicKey mlDsa87, Ed25519PublicKey? ed25519 = null)
    {
        ArgumentNullException.ThrowIfNull(mlDsa87);
        if (ed25519 is not null && !Ed25519Point.IsSound(ed25519.PublicKey.Span))
        {
            throw new EstreamInvalidKeyException(
                "The Ed25519 public key is not a canonical point or has small order, so signatures can be forged. Generate a new key.",
                KeyFault.Range);
        }

        (MlDsa87, Ed25519) = (mlDsa87, ed25519);
        byte[] first = mlDsa87.ExportSubjectPublicKeyInfo(), second = ed25519?.ExportSubjectPublicKeyInfo() ?? [];
        _encoded = [.. first, .. second];
        Id = IdOf(_encoded);
        MlDsa87Id = IdOf(first);
        Ed25519Id = ed25519 is null ? null : IdOf(second);
    }

    /// <summary>The ML-DSA-87 key.</summary>
    public MlDsa87PublicKey MlDsa87 { get; }

    /// <summary>The Ed25519 key that must sign too, or null.</summary>
    public Ed25519PublicKey? Ed25519 { get; }

    /// <summary>
    /// The id of the key: the SHA-256, in lower-case hexadecimal digits, of its SubjectPublicKeyInfo in DER (RFC 9881), followed by the
    /// SubjectPublicKeyInfo of the Ed25519 key (RFC 8410) if there is one.
    /// </summary>
    public string Id { get; }

    /// <summary>The <c>keyid</c> of the ML-DSA-87 signature in an envelope: the SHA-256 of its SubjectPublicKeyInfo alone.</summary>
    public string MlDsa87Id { get; }

    /// <summary>The <c>keyid</c> of the Ed25519 signature in an envelope, or null.</summary>
    public string? Ed25519Id { get; }

    /// <inheritdoc/>
    public bool Equals(DocumentKey? other) => other is not null && _encoded.AsSpan().SequenceEqual(other._encoded);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DocumentKey);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    /// <inheritdoc/>
    public override string ToString() => Id;

    /// <summary>Returns the key as a member of a document.</summary>
    internal JsonObject ToJson()
    {
        JsonObject json = new() { { "mlDsa87", Convert.ToBase64String(MlDsa87.PublicKey.Span) } };
        json.AddUnlessNull("ed25519", Ed25519 is null ? null : new JsonText(Convert.ToBase64String(Ed25519.PublicKey.Span)));
        return json;
    }

    /// <summary>Reads the key from a document. Errors are recorded in <paramref name="fields"/>.</summary>
    internal static bool TryRead(JsonFields fields, [NotNullWhen(true)] out DocumentKey? key)
    {
        byte[] mlDsa87 = fields.Base64("mlDsa87", Crypto.MlDsa87.PublicKeyBytes, Crypto.MlDsa87.PublicKeyBytes);
        byte[]? ed25519 = fields.Has("ed25519")
            ? fields.Base64("ed25519", Crypto.Ed25519.PublicKeyBytes, Crypto.Ed25519.PublicKeyBytes)
            : null;
        key = null;
        if (mlDsa87.Length == 0 || ed25519 is { Length: 0 })
        {
            return false;
        }

        if (ed25519 is not null && !Ed25519Point.IsSound(ed25519))
        {
            fields.Refuse("ed25519", "is not a canonical point or has small order, so signatures can be forged");
            return false;
        }

        key = new DocumentKey(MlDsa87PublicKey.Import(mlDsa87), ed25519 is null ? null : Ed25519PublicKey.Import(ed25519));
        return true;
    }

    private static string IdOf(ReadOnlySpan<byte> subjectPublicKeyInfo) => Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo));
}
