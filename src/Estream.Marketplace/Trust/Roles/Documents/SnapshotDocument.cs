using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Ties together the documents of a registry, a log checkpoint and a namespace map (docs/formats/roles.md). Immutable.</summary>
public sealed record SnapshotDocument : RoleDocument
{
    // The catalog document names at most 256 parts, which take less than half of this limit.
    internal const int MaxCatalogBytes = 64 << 10;

    /// <inheritdoc/>
    public override DocumentType Type => DocumentType.Snapshot;

    /// <summary>The targets documents, by role name.</summary>
    public required IReadOnlyDictionary<string, DocumentReference> Targets { get; init; }

    /// <summary>The number of entries of the transparency log.</summary>
    public required long LogSize { get; init; }

    /// <summary>The root of the log's tree (RFC 9162, SHA-256), in 64 lower-case hexadecimal digits.</summary>
    public required string LogRoot { get; init; }

    /// <summary>The root of the namespace map, in 64 lower-case hexadecimal digits.</summary>
    public required string NamespaceRoot { get; init; }

    /// <summary>The catalog of the registry: its components with their releases, and its namespaces. Null if the registry has no catalog;
    /// clients then install nothing from it.</summary>
    public DocumentReference? Catalog { get; init; }

    /// <summary>Reads a payload. Accepts any bytes and never throws because of them.</summary>
    /// <param name="payload">The payload, whose signatures the caller verifies.</param>
    /// <param name="snapshot">The document.</param>
    /// <param name="reason">Why the bytes are not a snapshot.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out SnapshotDocument? snapshot,
        [NotNullWhen(false)] out string? reason)
    {
        snapshot = null;
        if (!TryFields(payload, RoleLimits.MaxSnapshotBytes, out JsonFields? fields, out reason))
        {
            return false;
        }

        (long version, DateTimeOffset expires) = ReadCommon(fields, DocumentType.Snapshot);
        Dictionary<string, DocumentReference> targets = new(StringComparer.Ordinal);
        foreach ((string role, JsonFields member) in fields.ObjectsByName("targets", RoleLimits.MaxTargets))
        {
            targets.Add(role, DocumentReference.Read(member, RoleLimits.MaxTargetsBytes));
            if (!TargetsDocument.IsRoleName(role))
            {
                fields.Refuse("targets", $"'{role}' is not a valid role name");
            }
        }

        if (!targets.ContainsKey(TargetsDocument.TopName))
        {
            fields.Refuse("targets", $"'{TargetsDocument.TopName}' is missing");
        }

        JsonFields log = fields.Object("log"), namespaces = fields.Object("namespaces");
        snapshot = new SnapshotDocument
        {
            Version = version,
            Expires = expires,
            Targets = targets,
            LogSize = log.Integer("size", 0, JsonInteger.Largest),
            LogRoot = Convert.ToHexStringLower(log.Hex("root", 32)),
            NamespaceRoot = Convert.ToHexStringLower(namespaces.Hex("root", 32)),
            Catalog = fields.Has("catalog") ? DocumentReference.Read(fields.Object("catalog"), MaxCatalogBytes) : null,
        };
        reason = fields.End();
        snapshot = reason is null ? snapshot : null;
        return reason is null;
    }

    private protected override void Write(JsonObject json)
    {
        JsonObject targets = new();
        foreach ((string role, DocumentReference reference) in Targets)
        {
            targets.Add(role, reference.ToJson());
        }

        json.Add("targets", targets);
        json.Add("log", new JsonObject { { "size", LogSize }, { "root", LogRoot } });
        json.Add("namespaces", new JsonObject { { "root", NamespaceRoot } });
        json.AddUnlessNull("catalog", Catalog?.ToJson());
    }
}

/// <summary>A reference from one trusted document to the exact bytes of another. Immutable.</summary>
/// <param name="Version">The version of the document.</param>
/// <param name="Length">The size of its envelope, in bytes.</param>
/// <param name="Sha256">The SHA-256 of its envelope, in 64 lower-case hexadecimal digits.</param>
public sealed record DocumentReference(long Version, long Length, string Sha256)
{
    /// <summary>Returns the reference to an envelope.</summary>
    /// <param name="version">The version of the document in the envelope.</param>
    /// <param name="envelope">The bytes of the envelope.</param>
    public static DocumentReference Of(long version, ReadOnlySpan<byte> envelope) =>
        new(version, envelope.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(envelope)));

    /// <summary>Returns whether the bytes match the reference. The caller must limit the number of bytes that it reads.</summary>
    internal bool Has(ReadOnlySpan<byte> envelope) => Of(Version, envelope) == this;

    internal JsonObject ToJson() => new() { { "version", Version }, { "length", Length }, { "sha256", Sha256 } };

    internal static DocumentReference Read(JsonFields fields, long maxLength) => new(
        fields.Integer("version", 1, JsonInteger.Largest), fields.Integer("length", 1, maxLength),
        Convert.ToHexStringLower(fields.Hex("sha256", 32)));
}
