using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Estream.Wire.Settings;

namespace Estream.Wire;

/// <summary>TLS options of a listening adapter: its certificate, and the checks of the certificates of its peers. TLS 1.2 and 1.3. Peers
/// must send their intermediate certificates; none are downloaded.</summary>
public sealed record WireServerTlsOptions
{
    /// <summary>A PEM file with the certificate, followed by its intermediate certificates.</summary>
    [Setting("PEM file with the certificate, followed by its intermediate certificates", Text = SettingText.Path)]
    public required string CertificateFile { get; init; }

    /// <summary>The PEM file with the private key. Default: the certificate file.</summary>
    [Setting("PEM file with the private key", Text = SettingText.Path, Default = "in `CertificateFile`")]
    public string? KeyFile { get; init; }

    /// <summary>A PEM file with the authorities of the required client certificates. Default: none. Without <see cref="ClientPins"/>
    /// either, no client certificate is required.</summary>
    [Setting("PEM file with the authorities of the required client certificates", Text = SettingText.Path)]
    public string? ClientCaFile { get; init; }

    /// <summary>
    /// A file with certificate revocation lists (RFC 5280) in PEM, or one in DER. Peers with a listed certificate are refused. It contains
    /// the lists of all authorities to check; none are downloaded, and their signatures are not verified. Default: none.
    /// </summary>
    [Setting("certificate revocation lists, in PEM, or one in DER", Text = SettingText.Path)]
    public string? ClientCrlFile { get; init; }

    /// <summary>
    /// The only accepted certificates or keys of peers. Without <see cref="ClientCaFile"/> the pins are the only check; with it, both
    /// checks must succeed. Default: none.
    /// </summary>
    [Setting("the only accepted certificates or keys of peers", Entry = "pin")]
    public IReadOnlyList<WirePin> ClientPins { get; init; } = [];

    /// <summary>Reads the section `Tls` of an adapter's settings: CertificateFile, KeyFile, ClientCaFile, ClientCrlFile,
    /// ClientPins:0, ClientPins:1, ….</summary>
    /// <param name="settings">The settings with the section.</param>
    /// <returns>Null if there is no such section.</returns>
    /// <exception cref="WireConfigurationException">The certificate file is missing, or a pin is invalid.</exception>
    public static WireServerTlsOptions? Read(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!settings.Has("Tls"))
        {
            return null;
        }

        return SettingGroup.Read<WireServerTlsOptions>(settings.Section("Tls"));
    }

    /// <summary>The options for <see cref="SslStream.AuthenticateAsServerAsync(SslServerAuthenticationOptions, CancellationToken)"/>.
    /// Reads the files: call it at the start, and again after the files are replaced.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or invalid.</exception>
    public SslServerAuthenticationOptions ToServerOptions() => Load().Options;

    /// <summary>All files of the options.</summary>
    internal IEnumerable<string?> Files => [CertificateFile, KeyFile, ClientCaFile, ClientCrlFile];

    /// <summary>Reads the files.</summary>
    /// <exception cref="WireConfigurationException">A file is missing or invalid.</exception>
    internal ServerTlsFiles Load()
    {
        if (ClientCrlFile is not null && ClientCaFile is null && ClientPins.Count == 0)
        {
            throw new WireConfigurationException("Tls", "has a ClientCrlFile, but requests no certificate. Set ClientCaFile, too.");
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
