using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>
/// Who owns a namespace from this entry on: these keys, so many of which have to sign. The first one is signed by its own keys; each
/// further one by the threshold of the keys before it and by that of its own, so that nobody is made an owner who has not agreed, and
/// nobody stops being one unheard.
/// </summary>
public sealed record NamespaceRecord : LogEntry
{
    /// <summary>The most keys: with the signatures of a rotation, more would not fit an entry of a log.</summary>
    public const int MaxKeys = 5;

    /// <summary>The most keys that can have to sign.</summary>
    public const int MaxThreshold = 3;

    internal const string TypeName = "namespace";

    /// <summary>Makes a record.</summary>
    /// <param name="owned">Which namespace.</param>
    /// <param name="serial">1 for the first record of a namespace, and one more for each further one.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="threshold">How many of them have to sign.</param>
    /// <param name="expires">From when on it does not count any more, in UTC to the second: by then its owners have to have made a new
    /// one.</param>
    /// <exception cref="ArgumentException">There are no keys, too many, or one twice; or the threshold is out of reach.</exception>
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

    /// <summary>Its number among the records of its namespace, from 1.</summary>
    public int Serial { get; }

    /// <summary>Whose signatures count.</summary>
    public IReadOnlyList<DocumentKey> Keys { get; }

    /// <summary>How many of them have to sign.</summary>
    public int Threshold { get; }

    /// <summary>From when on it does not count any more.</summary>
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

    // Who holds an ML-DSA-87 key is one owner, with whatever Ed25519 keys beside it.
    private static string? Fault(IReadOnlyList<DocumentKey> keys, int threshold) =>
        keys.Count is 0 or > MaxKeys ? $"has {keys.Count} keys; 1 to {MaxKeys} are taken"
        : keys.Select(key => key.MlDsa87Id).Distinct(StringComparer.Ordinal).Count() != keys.Count ? "has a key twice"
        : threshold < 1 || threshold > Math.Min(keys.Count, MaxThreshold)
            ? $"asks for {threshold} of {keys.Count} signatures; at least 1, at most {MaxThreshold} and never more than there are keys"
        : null;
}
