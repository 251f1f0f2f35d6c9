using System.Security.Cryptography;
using System.Text;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Releases;

/// <summary>
/// Verifies releases: the owners of the namespace have signed the statement, and the statement describes this package. The keys come from a
/// chain of trust, never from the package; no check can be skipped. Thread-safe; holds no state.
/// </summary>
public static class ReleaseVerifier
{
    /// <summary>Verifies a release.</summary>
    /// <param name="signatureFile">The untrusted content of <see cref="ReleaseStatement.FileName"/>.</param>
    /// <param name="package">The facts derived from the package itself.</param>
    /// <param name="keys">The keys of the namespace, from the registry's log and roles.</param>
    /// <param name="threshold">The number of keys that must sign.</param>
    public static ReleaseOutcome Verify(ReadOnlySpan<byte> signatureFile, PackageFacts package, IReadOnlyCollection<DocumentKey> keys,
        int threshold)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(keys);
        if (signatureFile.IsEmpty)
        {
            return Refused(ReleaseFaultKind.Missing, null,
                $"the package has no {ReleaseStatement.FileName}, so its author has not signed it");
        }

        if (!DsseEnvelope.TryRead(signatureFile, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out string? reason))
        {
            return Refused(ReleaseFaultKind.Malformed, null, reason);
        }

        if (envelope.PayloadType != DocumentType.Release.PayloadType)
        {
            return Refused(ReleaseFaultKind.Malformed, "payloadType",
                $"it is '{envelope.PayloadType}'; a release has '{DocumentType.Release.PayloadType}'");
        }

        if (!envelope.TryVerify(DocumentType.Release, keys, threshold, out ReadOnlyMemory<byte> payload, out reason))
        {
            return Refused(ReleaseFaultKind.Signature, null, $"{reason}; {WhoSigned(envelope, keys)}");
        }

        return ReleaseStatement.TryRead(payload.Span, out ReleaseStatement? statement, out reason)
            ? Compare(statement, package)
            ?? new ReleaseOutcome(statement, Convert.ToHexStringLower(SHA256.HashData(payload.Span)),
                envelope.SignersAmong(DocumentType.Release, keys))
            : Refused(ReleaseFaultKind.Malformed, null, reason);
    }

    private static ReleaseOutcome? Compare(ReleaseStatement statement, PackageFacts package)
    {
        JsonObject stated = statement.Package.ToJson(), found = package.ToJson();
        foreach ((string member, JsonValue value) in stated)
        {
            if (found.TryGet(member, out JsonValue? own) && !own.Equals(value))
            {
                return Refused(ReleaseFaultKind.Mismatch, member,
                    $"the author signed {Shown(value)}, but the package has {Shown(own)}; it is not the released package");
            }
        }

        return null;
    }

    private static string WhoSigned(DsseEnvelope envelope, IReadOnlyCollection<DocumentKey> keys)
    {
        HashSet<string> known = [.. keys.SelectMany(key => new[] { key.MlDsa87Id, key.Ed25519Id ?? string.Empty })];
        string? stranger = envelope.Signatures.Select(signature => signature.KeyId).FirstOrDefault(id => !known.Contains(id));
        return stranger is null
            ? "a signature by a trusted key does not match the content"
            : $"it has a signature by the key {stranger}, which is not trusted here";
    }

    private static string Shown(JsonValue value)
    {
        string text = Encoding.UTF8.GetString(CanonicalJson.Write(value));
        return text.Length <= 200 ? text : text[..200] + "…";
    }

    private static ReleaseOutcome Refused(ReleaseFaultKind kind, string? member, string reason) =>
        new(new ReleaseFault(kind, member, reason));
}
