using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Names the newest snapshot (docs/formats/roles.md). An online key renews the signature daily. Immutable.</summary>
public sealed record TimestampDocument : RoleDocument
{
    /// <inheritdoc/>
    public override DocumentType Type => DocumentType.Timestamp;

    /// <summary>The newest snapshot.</summary>
    public required DocumentReference Snapshot { get; init; }

    /// <summary>Reads a payload. Accepts any bytes and never throws because of them.</summary>
    /// <param name="payload">The payload, whose signatures the caller verifies.</param>
    /// <param name="timestamp">The document.</param>
    /// <param name="reason">Why the bytes are not a timestamp.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out TimestampDocument? timestamp,
        [NotNullWhen(false)] out string? reason)
    {
        timestamp = null;
        if (!TryFields(payload, RoleLimits.MaxTimestampBytes, out JsonFields? fields, out reason))
        {
            return false;
        }

        (long version, DateTimeOffset expires) = ReadCommon(fields, DocumentType.Timestamp);
        DocumentReference snapshot = DocumentReference.Read(fields.Object("snapshot"), RoleLimits.MaxSnapshotBytes);
        reason = fields.End();
        timestamp = reason is null ? new TimestampDocument { Version = version, Expires = expires, Snapshot = snapshot } : null;
        return reason is null;
    }

    private protected override void Write(JsonObject json) => json.Add("snapshot", Snapshot.ToJson());
}
