using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire;

/// <summary>The content of the files of TLS options of a server. Immutable and thread-safe.</summary>
/// <param name="Options">The options of the handshake.</param>
/// <param name="Revoked">The revoked certificates; null without a revocation list.</param>
internal sealed record ServerTlsFiles(SslServerAuthenticationOptions Options, RevocationList? Revoked)
{
    /// <summary>Since when a revocation list is outdated; null if none is.</summary>
    /// <param name="utcNanos">The time in nanoseconds since 1970-01-01 UTC.</param>
    public DateTimeOffset? OutdatedSince(long utcNanos) =>
        Revoked?.NextUpdate is { } next && next < DateTimeOffset.UnixEpoch.AddTicks(utcNanos / TimeSpan.NanosecondsPerTick) ? next : null;

    /// <summary>The report of an outdated revocation list.</summary>
    public static string Outdated(DateTimeOffset since) =>
        $"A certificate revocation list has been outdated since {since:u}. Replace its file.";

    /// <summary>Whether an accepted certificate is revoked now.</summary>
    public bool IsRevoked(X509Certificate? certificate) =>
        certificate is X509Certificate2 shown && Revoked?.IsListed(shown) == true;
}
