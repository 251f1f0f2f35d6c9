using System.Net.Security;
using Estream.Wire;

namespace Estream.Cli.Recording;

/// <summary>TLS of a relay, which opens what it records: one certificate is shown to clients, another is wanted of the server. Null: that
/// side is TCP alone.</summary>
internal sealed record RelayTls(SslServerAuthenticationOptions? Clients, SslClientAuthenticationOptions? Server)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="WireConfigurationException">One is missing, or not what it should be.</exception>
    public static RelayTls Load(WireServerTlsOptions? clients, WireTlsOptions? server, string host) => new(clients?.ToServerOptions(), server?.ToClientOptions(host));
}
