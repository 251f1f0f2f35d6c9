using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire;

/// <summary>The certificate an adapter that listens shows, and which it asks of its peers. TLS 1.2 and 1.3. A peer has to show what stands
/// between its certificate and an authority: nothing is fetched.</summary>
public sealed record WireServerTlsOptions
{
    /// <summary>A PEM file with the certificate, and those between it and its authority behind it.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>The PEM file with the certificate's private key. Default: the certificate file holds it too.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A PEM file with the authorities whose certificates peers have to show. Default: none is asked for.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>
    /// A file with certificate revocation lists (RFC 5280) in PEM, or one in DER: peers whose certificates are listed are refused. Lists of
    /// all authorities whose certificates are to be checked belong into it; nothing is fetched, and their signatures are not checked.
    /// Default: none.
    /// </summary>
    public string? ClientCrlFile { get; init; }

    /// <summary>
    /// The certificates or keys peers have to show, and no others. Without a <see cref="ClientCaFile"/> they are the only check; with it,
    /// both have to agree. Default: none is asked for.
    /// </summary>
    public IReadOnlyList<WirePin> ClientPins { get; init; } = [];

    /// <summary>Reads the section `Tls` of an adapter's settings: CertificateFile, KeyFile, ClientCaFile, ClientCrlFile,
    /// ClientPins:0, ClientPins:1, ….</summary>
    /// <param name="settings">The settings the section stands in.</param>
    /// <returns>Null where there is none: no TLS is asked for.</returns>
    /// <exception cref="WireConfigurationException">The certificate file is not named, or a pin is none.</exception>
    public static WireServerTlsOptions? Read(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.Has("Tls"))
        {
            return null;
        }

        WireSettings section = settings.Section("Tls");
        return new WireServerTlsOptions
        {
            CertificateFile = section.RequireText("CertificateFile"),
            KeyFile = section.Text("KeyFile"),
            ClientCaFile = section.Text("ClientCaFile"),
            ClientCrlFile = section.Text("ClientCrlFile"),
            ClientPins = WireTlsFiles.ReadPins(section, "ClientPins"),
        };
    }

    /// <summary>What <see cref="SslStream.AuthenticateAsServerAsync(SslServerAuthenticationOptions, CancellationToken)"/> takes. Reads the
    /// files: call it when the adapter starts, and again where they may have been replaced.</summary>
    /// <exception cref="WireConfigurationException">A file is missing, or not what it should be.</exception>
    public SslServerAuthenticationOptions ToServerOptions() => Load().Options;

    /// <summary>All files that it names.</summary>
    internal IEnumerable<string?> Files => [CertificateFile, KeyFile, ClientCaFile, ClientCrlFile];

    /// <summary>Reads the files.</summary>
    /// <exception cref="WireConfigurationException">A file is missing, or not what it should be.</exception>
    internal ServerTlsFiles Load()
    {
        if (ClientCrlFile is not null && ClientCaFile is null && ClientPins.Count == 0)
        {
            throw new WireConfigurationException("Tls", "has a ClientCrlFile, and no certificate is asked for. Set ClientCaFile, too.");
        }

        RevocationList? revoked = ClientCrlFile is null ? null : RevocationList.Load(ClientCrlFile);
        return new ServerTlsFiles(ToOptions(revoked), revoked);
    }

    private SslServerAuthenticationOptions ToOptions(RevocationList? revoked)
    {
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = WireTlsFiles.LoadCertificate(CertificateFile, KeyFile),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (ClientCaFile is null && ClientPins.Count == 0)
        {
            return options;
        }

        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = ClientCaFile is null ? WireTlsFiles.TrustMachine() : WireTlsFiles.TrustOnly(ClientCaFile);
        bool isPinEnough = ClientCaFile is null;
        IReadOnlyList<WirePin> pins = ClientPins;
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            certificate is X509Certificate2 shown && (errors == SslPolicyErrors.None || isPinEnough)
                && (pins.Count == 0 || WireTlsFiles.IsPinned(pins, shown)) && revoked?.IsRevoked(shown, chain) != true;
        return options;
    }
}
