using System.Net.Security;
using System.Security.Authentication;
using Estream.Wire.Settings;

namespace Estream.Wire;

/// <summary>TLS options of a connecting adapter: checks of the server by authorities, pins, or both. TLS 1.2 and 1.3. The server must send
/// its intermediate certificates; none are downloaded.</summary>
[SettingsFrom(typeof(ClientTlsSettings))]
public sealed record WireTlsOptions
{
    /// <summary>A PEM file with the trusted authorities. Default: the authorities of the machine.</summary>
    public string? CaFile { get; init; }

    /// <summary>The required name in the certificate of the server. Default: the host of the connection.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// The only accepted certificates or keys. Without <see cref="CaFile"/> the pins are the only check, so a self-signed certificate can
    /// be used safely; with it, both checks must succeed. Default: none.
    /// </summary>
    public IReadOnlyList<WirePin> Pins { get; init; } = [];

    /// <summary>A PEM file with the client certificate, followed by its intermediate certificates. Default: none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The PEM file with the private key. Default: the certificate file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// Reads the section `Tls` of the settings of an adapter: `true` for the authorities of the machine, or CaFile, ServerName, Pins:0,
    /// Pins:1, …, CertificateFile and KeyFile. PinnedCertificateSha256 is a further pin, of a certificate.
    /// </summary>
    /// <param name="settings">The settings with the section.</param>
    /// <returns>Null if there is no such section.</returns>
    /// <exception cref="WireConfigurationException">A pin is invalid.</exception>
    public static WireTlsOptions? Read(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        bool isWanted = settings.Flag("Tls", false) || settings.Has("Tls");
        if (!isWanted)
        {
            return null;
        }

        return SettingGroup.Read<WireTlsOptions>(settings.Section("Tls"));
    }

    /// <summary>The options for <see cref="SslStream.AuthenticateAsClientAsync(SslClientAuthenticationOptions, CancellationToken)"/>.
    /// Reads the files each time, so that they can be replaced between connections.</summary>
    /// <param name="host">The host of the connection.</param>
    /// <exception cref="WireConfigurationException">A file is missing or invalid.</exception>
    public SslClientAuthenticationOptions ToClientOptions(string host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = ServerName ?? host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = CaFile is null ? WireTlsFiles.TrustMachine() : WireTlsFiles.TrustOnly(CaFile),
        };
        if (CertificateFile is not null)
        {
            options.ClientCertificateContext = WireTlsFiles.LoadCertificate(CertificateFile, KeyFile);
        }

        if (Pins.Count > 0)
        {
            bool isPinEnough = CaFile is null;
            IReadOnlyList<WirePin> pins = Pins;
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                (errors == SslPolicyErrors.None || isPinEnough) && WireTlsFiles.IsPinned(pins, certificate);
        }

        return options;
    }
}
