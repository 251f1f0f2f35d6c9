using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The checks common to all roles. A payload is parsed only after its signatures are verified, except for a root, which contains
/// its own keys.</summary>
internal static class RoleChecks
{
    /// <summary>Reads and verifies an envelope.</summary>
    public static RoleFault? Open(byte[] bytes, string file, DocumentType type, RoleKeys keys, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (Envelope(bytes, file, type, out DsseEnvelope? envelope) is { } fault)
        {
            return fault;
        }

        return keys.Verify(type, envelope!, out payload) is { } reason ? new RoleFault(RoleFaultKind.Signature, file, reason) : null;
    }

    /// <summary>Reads a root and verifies it with its own keys.</summary>
    public static RoleFault? SelfSigned(byte[] bytes, string file, out RootDocument? root)
    {
        root = null;
        if (Envelope(bytes, file, DocumentType.Root, out DsseEnvelope? envelope) is { } fault)
        {
            return fault;
        }

        if (!RootDocument.TryRead(envelope!.UnverifiedPayload.Span, out RootDocument? read, out string? reason))
        {
            return new RoleFault(RoleFaultKind.Malformed, file, reason);
        }

        if (read.Root.Verify(DocumentType.Root, envelope, out _) is { } unsigned)
        {
            return new RoleFault(RoleFaultKind.Signature, file, $"it is not signed by its own keys: {unsigned}");
        }

        root = read;
        return null;
    }

    /// <summary>Checks that the bytes of a document match the reference to it in another document.</summary>
    public static RoleFault? Referred(byte[] bytes, string file, DocumentReference reference)
    {
        if (bytes.Length != reference.Length)
        {
            return new RoleFault(RoleFaultKind.Size, file,
                $"it has {(bytes.Length > reference.Length ? "more than" : $"{bytes.Length} of")} the {reference.Length} bytes that its "
                + "reference states");
        }

        return reference.Has(bytes)
            ? null
            : new RoleFault(RoleFaultKind.Digest, file, "its SHA-256 differs from the SHA-256 in its reference");
    }

    /// <summary>Checks that a document has not expired.</summary>
    public static RoleFault? Fresh(RoleDocument document, string file, DateTimeOffset now) => now < document.Expires
        ? null
        : new RoleFault(RoleFaultKind.Expired, file,
            $"it expired at {JsonTime.Write(document.Expires)}, and it is {JsonTime.Write(now)}");

    /// <summary>Checks that a document has the requested version.</summary>
    public static RoleFault? Versioned(RoleDocument document, string file, long version) =>
        document.Version == version
            ? null
            : new RoleFault(RoleFaultKind.Version, file, $"it has version {document.Version}; version {version} is expected");

    private static RoleFault? Envelope(byte[] bytes, string file, DocumentType type, out DsseEnvelope? envelope)
    {
        int most = MaxBytes(type);
        envelope = null;
        if (bytes.Length > most)
        {
            return new RoleFault(RoleFaultKind.Size, file, $"it has more than {most} bytes");
        }

        if (!DsseEnvelope.TryRead(bytes, most, out envelope, out string? reason))
        {
            return new RoleFault(RoleFaultKind.Malformed, file, reason);
        }

        return envelope.PayloadType == type.PayloadType
            ? null
            : new RoleFault(RoleFaultKind.Malformed, file,
                $"it has the payload type '{envelope.PayloadType}'; '{type.PayloadType}' is expected");
    }

    /// <summary>Returns the maximum size of the envelope of a document type, in bytes.</summary>
    public static int MaxBytes(DocumentType type) =>
        type == DocumentType.Root ? RoleLimits.MaxRootBytes
        : type == DocumentType.Timestamp ? RoleLimits.MaxTimestampBytes
        : type == DocumentType.Snapshot ? RoleLimits.MaxSnapshotBytes
        : RoleLimits.MaxTargetsBytes;
}
