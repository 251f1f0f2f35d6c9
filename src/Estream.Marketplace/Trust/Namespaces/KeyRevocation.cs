using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>
/// Revokes a key of a namespace for all entries from an index on. Log indexes, not clocks, order the events: entries before the index stay
/// valid, however late the revocation comes; entries that a thief signed with the key from the index on are invalid.
/// </summary>
public sealed record KeyRevocation : LogEntry
{
    internal const string TypeName = "revoke";

    /// <summary>Creates a revocation.</summary>
    /// <param name="owned">The namespace of the key.</param>
    /// <param name="keyId">The id of the key (<see cref="Dsse.DocumentKey.Id"/>).</param>
    /// <param name="fromIndex">The first index at which the key is invalid; at most the index of this entry.</param>
    /// <param name="reason">A human-readable reason.</param>
    public KeyRevocation(NamespaceName owned, string keyId, long fromIndex, string reason)
        : base(owned)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        ArgumentOutOfRangeException.ThrowIfNegative(fromIndex);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        (KeyId, FromIndex, Reason) = (keyId, fromIndex, reason);
    }

    /// <summary>The id of the key.</summary>
    public string KeyId { get; }

    /// <summary>The first index at which the key is invalid.</summary>
    public long FromIndex { get; }

    /// <summary>The reason.</summary>
    public string Reason { get; }

    private protected override string Type => TypeName;

    internal static LogEntry? Read(JsonFields fields)
    {
        NamespaceName? owned = ReadNamespace(fields);
        string keyId = Convert.ToHexStringLower(fields.Hex("keyId", Dsse.DocumentKey.IdBytes)),
        reason = fields.Text("reason", MaxReasonLength);
        long from = fields.Integer("fromIndex", 0, JsonInteger.Largest);
        return owned is null || reason.Length == 0 ? null : new KeyRevocation(owned, keyId, from, reason);
    }

    private protected override void Write(JsonObject json)
    {
        json.Add("namespace", Namespace.Text);
        json.Add("keyId", KeyId);
        json.Add("fromIndex", FromIndex);
        json.Add("reason", Reason);
    }
}
