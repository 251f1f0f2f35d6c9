using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The documents of a registry that a client has trusted, as received, and the latest time that the client has seen. The client
/// verifies the documents again on each use. Immutable while the arrays are not changed.</summary>
internal sealed record TrustState
{
    public const int MaxBytes = 256 << 20;

    public required byte[] Root { get; init; }

    public byte[]? Timestamp { get; init; }

    public byte[]? Snapshot { get; init; }

    public IReadOnlyDictionary<string, byte[]> Targets { get; init; } = new Dictionary<string, byte[]>();

    /// <summary>The latest time at which all documents were fresh; an earlier clock is wrong and is not used.</summary>
    public DateTimeOffset LatestTime { get; init; }

    public byte[] ToJson()
    {
        JsonObject targets = new();
        foreach ((string role, byte[] envelope) in Targets)
        {
            targets.Add(role, Convert.ToBase64String(envelope));
        }

        JsonObject json = new() { { "type", "trust-state" }, { "version", 1 }, { "latestTime", JsonTime.Write(LatestTime) },
            { "root", Convert.ToBase64String(Root) }, { "targets", targets } };
        json.AddUnlessNull("timestamp", Timestamp is null ? null : new JsonText(Convert.ToBase64String(Timestamp)));
        json.AddUnlessNull("snapshot", Snapshot is null ? null : new JsonText(Convert.ToBase64String(Snapshot)));
        return CanonicalJson.Write(json);
    }

    /// <summary>Parses the bytes of a store; returns null if there are none.</summary>
    /// <exception cref="EstreamCorruptionException">The bytes are damaged.</exception>
    public static TrustState? Parse(byte[]? bytes, string path)
    {
        if (bytes is null)
        {
            return null;
        }

        return TryRead(bytes, out TrustState? state, out string? reason) ? state : throw Damaged(path, reason);
    }

    public static EstreamCorruptionException Damaged(string path, string reason) => new(
        $"The trust state '{path}' is damaged: {reason}. Restore it from a copy, or move it away: then trust starts "
        + "again from the root of this program, without protection against documents that are older than those seen before.",
                path);

    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out TrustState? state, [NotNullWhen(false)] out string? reason)
    {
        state = null;
        if (!StrictJsonReader.TryReadCanonical(json, new JsonLimits(MaxBytes, 4, 1_000), out JsonValue? value, out JsonFault? fault))
        {
            reason = fault.ToString();
            return false;
        }

        JsonFields fields = new(value);
        fields.OneOf("type", "trust-state");
        fields.Integer("version", 1, 1);
        TrustState read = new()
        {
            LatestTime = fields.Time("latestTime"),
            Root = fields.Base64("root", RoleLimits.MaxRootBytes),
            Timestamp = fields.Has("timestamp") ? fields.Base64("timestamp", RoleLimits.MaxTimestampBytes) : null,
            Snapshot = fields.Has("snapshot") ? fields.Base64("snapshot", RoleLimits.MaxSnapshotBytes) : null,
            Targets = fields.Base64ByName("targets", RoleLimits.MaxTargets, RoleLimits.MaxTargetsBytes),
        };
        reason = fields.End();
        state = reason is null ? read : null;
        return reason is null;
    }
}
