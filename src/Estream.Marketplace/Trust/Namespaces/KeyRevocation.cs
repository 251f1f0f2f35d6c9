using Estream.Marketplace.Json;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>
/// That a key of a namespace does not count for entries from an index on. The log is the clock: what was logged before stays good, however
/// late the revocation comes, and what a thief logs behind it never was.
/// </summary>
public sealed record KeyRevocation : LogEntry
{
    internal const string TypeName = "revoke";

    /// <summary>Makes a revocation.</summary>
    /// <param name="owned">Whose key it is.</param>
    /// <param name="keyId">The key (<see cref="Dsse.DocumentKey.Id"/>).</param>
    /// <param name="fromIndex">The first index at which it does not count any more; not behind this entry itself.</param>
    /// <param name="reason">Why, for people.</param>
    public KeyRevocation(NamespaceName owned, string keyId, long fromIndex, string reason)
        : base(owned)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        ArgumentOutOfRangeException.ThrowIfNegative(fromIndex);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        (KeyId, FromIndex, Reason) = (keyId, fromIndex, reason);
    }

    /// <summary>The key's id.</summary>
    public string KeyId { get; }

    /// <summary>The first index at which it does not count.</summary>
    public long FromIndex { get; }

    /// <summary>Why.</summary>
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
