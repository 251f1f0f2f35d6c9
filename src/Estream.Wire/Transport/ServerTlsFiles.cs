using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire;

/// <summary>The content of the files of TLS options of a server. Immutable and thread-safe.</summary>
/// <param name="Options">The options of the handshake.</param>
/// <param name="Revoked">The revoked certificates; null without a revocation list.</param>
internal sealed record ServerTlsFiles(SslServerAuthenticationOptions Options, RevocationList? Revoked)
{
    /// <summary>Whether an accepted certificate is revoked now.</summary>
    public bool IsRevoked(X509Certificate? certificate) =>
        certificate is X509Certificate2 shown && Revoked?.IsListed(shown) == true;
}
