using Estream.Crypto;

namespace Estream.Esf;

/// <summary>A public key that is trusted to sign messages, with the time range of this trust. Immutable and thread-safe.</summary>
/// <param name="Id">The name of the key in results and reasons; not part of a message.</param>
/// <param name="Key">The public key.</param>
/// <param name="ValidFrom">The first moment (UTC) at which the key is trusted; null for no start.</param>
/// <param name="RevokedAt">The first moment (UTC) at which the key is no longer trusted; null for no end.</param>
public sealed record EsfTrustedKey(string Id, MlDsa87PublicKey Key, DateTimeOffset? ValidFrom = null, DateTimeOffset? RevokedAt = null)
{
    /// <summary>Whether the key is not trusted yet at a time.</summary>
    internal bool IsEarly(DateTimeOffset time) => time < ValidFrom;

    /// <summary>Whether the key is trusted at a time.</summary>
    internal bool IsTrusted(DateTimeOffset time) => !IsEarly(time) && !(time >= RevokedAt);
}
