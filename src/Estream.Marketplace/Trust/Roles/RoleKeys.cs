using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>Who speaks for a role: some keys, and how many of them have to sign. Immutable.</summary>
public sealed class RoleKeys
{
    /// <summary>Keys a role has at most.</summary>
    public const int MaxKeys = 32;

    /// <summary>Keys and a threshold.</summary>
    /// <param name="keys">At least one, each with an ML-DSA-87 key of its own.</param>
    /// <param name="threshold">How many of them have to sign.</param>
    /// <exception cref="ArgumentException">A key is there twice, there are none or too many, or the threshold is below 1 or above their
    /// number.</exception>
    public RoleKeys(IEnumerable<DocumentKey> keys, int threshold)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Keys = [.. keys.OrderBy(key => key.Id, StringComparer.Ordinal)];
        Threshold = threshold;
        if (Wrong(Keys, threshold) is { } reason)
        {
            throw new ArgumentException($"The keys of a role {reason}.", nameof(keys));
        }
    }

    /// <summary>The keys, ordered by their ids.</summary>
    public IReadOnlyList<DocumentKey> Keys { get; }

    /// <summary>How many distinct ones of them have to sign.</summary>
    public int Threshold { get; }

    /// <summary>Verifies that enough of the keys have signed.</summary>
    /// <param name="type">What the document has to be.</param>
    /// <param name="envelope">The document.</param>
    /// <param name="payload">The bytes that were verified.</param>
    /// <returns>Why they are not to be believed, or null.</returns>
    public string? Verify(DocumentType type, DsseEnvelope envelope, out ReadOnlyMemory<byte> payload)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        return envelope.TryVerify(type, [.. Keys], Threshold, out payload, out string? reason) ? null : reason;
    }

    /// <summary>What is wrong with keys and a threshold, or null.</summary>
    internal static string? Wrong(IReadOnlyList<DocumentKey> keys, long threshold) =>
        keys.Count is 0 or > MaxKeys ? $"have to be 1 to {MaxKeys}, and are {keys.Count}"
        : keys.DistinctBy(key => key.MlDsa87Id, StringComparer.Ordinal).Count() < keys.Count ? "name one ML-DSA-87 key twice"
        : threshold < 1 || threshold > keys.Count
            ? $"are {keys.Count}, so the threshold has to be from 1 to {keys.Count}, and is {threshold}"
        : null;
}
