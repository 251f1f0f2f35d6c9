using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The root document of a registry: the keys of each of its roles (docs/formats/roles.md). Immutable.</summary>
public sealed record RootDocument : RoleDocument
{
    private const string Log = "log";
    private const string Witness = "witness";

    /// <inheritdoc/>
    public override DocumentType Type => DocumentType.Root;

    /// <summary>The name of the registry, such as <c>registry.example/main</c>; also the origin of its log.</summary>
    public required string Registry { get; init; }

    /// <summary>The keys that sign the next root. Kept offline.</summary>
    public required RoleKeys Root { get; init; }

    /// <summary>The keys that sign the policy. Kept offline.</summary>
    public required RoleKeys Targets { get; init; }

    /// <summary>The keys that sign snapshots.</summary>
    public required RoleKeys Snapshot { get; init; }

    /// <summary>The keys that sign timestamps.</summary>
    public required RoleKeys Timestamp { get; init; }

    /// <summary>The keys that sign checkpoints of the transparency log; null if there is no log.</summary>
    public RoleKeys? LogKeys { get; init; }

    /// <summary>The keys of the witnesses that cosign checkpoints; null if there are none.</summary>
    public RoleKeys? Witnesses { get; init; }

    /// <summary>Reads a payload. Accepts any bytes and never throws because of them.</summary>
    /// <param name="payload">The payload, whose signatures the caller verifies.</param>
    /// <param name="root">The document.</param>
    /// <param name="reason">Why the bytes are not a root document.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out RootDocument? root,
        [NotNullWhen(false)] out string? reason)
    {
        root = null;
        if (!TryFields(payload, RoleLimits.MaxRootBytes, out JsonFields? fields, out reason))
        {
            return false;
        }

        (long version, DateTimeOffset expires) = ReadCommon(fields, DocumentType.Root);
        string registry = fields.Text("registry", 200);
        Dictionary<string, DocumentKey> keys = KeyTable.Read(fields, "keys");
        JsonFields roles = fields.Object("roles");
        RoleKeys? ReadRole(string name, bool isNeeded) => isNeeded || roles.Has(name) ? KeyTable.ReadRole(roles.Object(name), keys) : null;
        (RoleKeys? own, RoleKeys? targets) = (ReadRole("root", true), ReadRole("targets", true));
        (RoleKeys? snapshot, RoleKeys? timestamp) = (ReadRole("snapshot", true), ReadRole("timestamp", true));
        (RoleKeys? log, RoleKeys? witnesses) = (ReadRole(Log, false), ReadRole(Witness, false));
        reason = fields.End();
        if (reason is not null || own is null || targets is null || snapshot is null || timestamp is null)
        {
            reason ??= "a role has no keys";
            return false;
        }

        root = new RootDocument
        {
            Version = version, Expires = expires, Registry = registry, Root = own, Targets = targets, Snapshot = snapshot,
            Timestamp = timestamp, LogKeys = log, Witnesses = witnesses,
        };
        reason = root.Wrong() ?? root.Inexact(payload);
        root = reason is null ? root : null;
        return reason is null;
    }

    /// <summary>Returns why a registry must not have this root, or null if it may. Keys kept on an online server must not decide what is
    /// trusted.</summary>
    internal string? Wrong()
    {
        HashSet<string> online =
            [.. new[] { Snapshot, Timestamp, LogKeys, Witnesses }.SelectMany(role => role?.Keys ?? []).Select(key => key.MlDsa87Id)];
        return Root.Keys.Concat(Targets.Keys).FirstOrDefault(key => online.Contains(key.MlDsa87Id)) is { } shared
            ? $"/roles: the key {shared.Id} of root or targets is also an online key of snapshot, timestamp, log or witness"
            : null;
    }

    private protected override void Write(JsonObject json)
    {
        JsonObject keys = new(), roles = new();
        foreach ((string name, RoleKeys? role) in new[] { ("root", Root), ("targets", Targets), ("snapshot", Snapshot),
            ("timestamp", Timestamp), (Log, LogKeys), (Witness, Witnesses) })
        {
            foreach (DocumentKey key in role?.Keys ?? [])
            {
                keys.TryAdd(key.Id, key.ToJson());
            }

            roles.AddUnlessNull(name, role is null ? null : KeyTable.WriteRole(role));
        }

        json.Add("registry", Registry);
        json.Add("keys", keys);
        json.Add("roles", roles);
    }
}
