using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>
/// Sets the owners of a namespace from this entry on: their keys and the signature threshold. The first record is signed by its own keys.
/// Each later record is signed by the threshold of the previous keys and by the threshold of its own keys. So no one becomes an owner
/// without consent, and ownership does not change without the previous owners.
/// </summary>
public sealed record NamespaceRecord : LogEntry
{
    /// <summary>The maximum number of keys: the signatures of a rotation with more keys would not fit in a log entry.</summary>
    public const int MaxKeys = 5;

    /// <summary>The maximum threshold.</summary>
    public const int MaxThreshold = 3;

    internal const string TypeName = "namespace";

    /// <summary>Creates a record.</summary>
    /// <param name="owned">The namespace.</param>
    /// <param name="serial">1 for the first record of a namespace, increased by 1 for each later record.</param>
    /// <param name="keys">The owners' keys.</param>
    /// <param name="threshold">The number of keys that must sign.</param>
    /// <param name="expires">The expiry time, in UTC to the second. The owners must publish a new record before that time.</param>
    /// <exception cref="ArgumentException">There are no keys, too many keys, or a duplicate key, or the threshold is out of
    /// range.</exception>
    public NamespaceRecord(NamespaceName owned, int serial, IReadOnlyList<DocumentKey> keys, int threshold, DateTimeOffset expires)
        : base(owned)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfLessThan(serial, 1);
        if (Fault(keys, threshold) is { } fault)
        {
            throw new ArgumentException($"The record of '{owned}' {fault}.", nameof(keys));
        }

        (Serial, Keys, Threshold, Expires) = (serial, [.. keys], threshold, expires);
    }

    /// <summary>The number of the record among the records of its namespace, from 1.</summary>
    public int Serial { get; }

    /// <summary>The owners' keys.</summary>
    public IReadOnlyList<DocumentKey> Keys { get; }

    /// <summary>The number of keys that must sign.</summary>
    public int Threshold { get; }

    /// <summary>The time at which the record expires.</summary>
    public DateTimeOffset Expires { get; }

    private protected override string Type => TypeName;

    internal static LogEntry? Read(JsonFields fields)
    {
        NamespaceName? owned = ReadNamespace(fields);
        int serial = (int)fields.Integer("serial", 1, int.MaxValue);
        List<DocumentKey> keys = [];
        foreach (JsonFields member in fields.Objects("keys", MaxKeys))
        {
            if (DocumentKey.TryRead(member, out DocumentKey? key))
            {
                keys.Add(key);
            }
        }

        int threshold = (int)fields.Integer("threshold", 1, MaxThreshold);
        DateTimeOffset expires = fields.Time("expires");
        if (Fault(keys, threshold) is { } fault)
        {
            fields.Refuse("keys", fault);
            return null;
        }

        return owned is null ? null : new NamespaceRecord(owned, serial, keys, threshold, expires);
    }

    private protected override void Write(JsonObject json)
    {
        json.Add("namespace", Namespace.Text);
        json.Add("serial", Serial);
        json.Add("keys", JsonArray.Of(Keys.Select(key => (JsonValue)key.ToJson())));
        json.Add("threshold", Threshold);
        json.Add("expires", JsonTime.Write(Expires));
    }

    // The holder of an ML-DSA-87 key counts as one owner, whatever Ed25519 key it is combined with.
    private static string? Fault(IReadOnlyList<DocumentKey> keys, int threshold) =>
        keys.Count is 0 or > MaxKeys ? $"has {keys.Count} keys; 1 to {MaxKeys} are allowed"
        : keys.Select(key => key.MlDsa87Id).Distinct(StringComparer.Ordinal).Count() != keys.Count ? "has a duplicate key"
        : threshold < 1 || threshold > Math.Min(keys.Count, MaxThreshold)
            ? $"has a threshold of {threshold} with {keys.Count} keys; use 1 to {MaxThreshold}, and at most the number of keys"
        : null;
}
