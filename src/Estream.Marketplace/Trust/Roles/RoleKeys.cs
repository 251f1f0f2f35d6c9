using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>The keys of a role and its signature threshold. Immutable.</summary>
public sealed class RoleKeys
{
    /// <summary>The maximum number of keys of a role.</summary>
    public const int MaxKeys = 32;

    /// <summary>Creates the keys of a role.</summary>
    /// <param name="keys">At least one key; each needs its own ML-DSA-87 key.</param>
    /// <param name="threshold">The number of keys that must sign.</param>
    /// <exception cref="ArgumentException">There are no keys, too many keys, or a duplicate key, or the threshold is below 1 or above the
    /// number of keys.</exception>
    public RoleKeys(IEnumerable<DocumentKey> keys, int threshold)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Keys = [.. keys.OrderBy(key => key.Id, StringComparer.Ordinal)];
        Threshold = threshold;
        if (Wrong(Keys, threshold) is { } reason)
        {
            throw new ArgumentException($"The keys of the role {reason}.", nameof(keys));
        }
    }

    /// <summary>The keys, ordered by id.</summary>
    public IReadOnlyList<DocumentKey> Keys { get; }

    /// <summary>The number of distinct keys that must sign.</summary>
    public int Threshold { get; }

    /// <summary>Verifies that enough of the keys have signed a document.</summary>
    /// <param name="type">The required type of the document.</param>
    /// <param name="envelope">The document.</param>
    /// <param name="payload">The verified bytes.</param>
    /// <returns>Why the payload cannot be trusted, or null.</returns>
    public string? Verify(DocumentType type, DsseEnvelope envelope, out ReadOnlyMemory<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return envelope.TryVerify(type, [.. Keys], Threshold, out payload, out string? reason) ? null : reason;
    }

    /// <summary>Returns what is wrong with keys and a threshold, or null.</summary>
    internal static string? Wrong(IReadOnlyList<DocumentKey> keys, long threshold) =>
        keys.Count is 0 or > MaxKeys ? $"must be 1 to {MaxKeys}, but are {keys.Count}"
        : keys.DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal).Count() < keys.Count ? "contain an ML-DSA-87 key twice"
        : threshold < 1 || threshold > keys.Count
            ? $"are {keys.Count}, so the threshold must be 1 to {keys.Count}, but is {threshold}"
        : null;
}
