using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire;

/// <summary>What the files of a server's TLS options said when they were read. Immutable and thread-safe.</summary>
/// <param name="Options">For the handshake.</param>
/// <param name="Revoked">The revoked certificates; null without a revocation list.</param>
internal sealed record ServerTlsFiles(SslServerAuthenticationOptions Options, RevocationList? Revoked)
{
    /// <summary>Whether a certificate that was accepted is listed now.</summary>
    public bool IsRevoked(X509Certificate? certificate) =>
        certificate is X509Certificate2 shown && Revoked?.IsListed(shown) == true;
}
