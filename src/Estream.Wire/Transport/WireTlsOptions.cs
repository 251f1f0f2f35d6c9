using System.Net.Security;
using System.Security.Authentication;

namespace Estream.Wire;

/// <summary>How an adapter that connects checks who it has reached: by authorities, by pins, or by both. TLS 1.2 and 1.3. A server has to
/// show what stands between its certificate and an authority: nothing is fetched.</summary>
public sealed record WireTlsOptions
{
    /// <summary>A PEM file with the certificate authorities to trust, instead of the machine's. Default: the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The name the server's certificate must carry. Default: the host that is connected to.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// The certificates or keys that are accepted, and no others. Without a <see cref="CaFile"/> they are the only check, so that a
    /// self-signed certificate can be used safely; with it, both have to agree. Default: none.
    /// </summary>
    public IReadOnlyList<WirePin> Pins { get; init; } = [];

    /// <summary>A PEM file with a certificate to show the server, and those between it and its authority behind it. Default: none is
    /// shown.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The PEM file with that certificate's private key. Default: the certificate file holds it too.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// Reads the section `Tls` of an adapter's settings: `true` for the machine's authorities, or CaFile, ServerName, Pins:0, Pins:1, …,
    /// CertificateFile and KeyFile. PinnedCertificateSha256 is one pin more, of a certificate and not of a key.
    /// </summary>
    /// <param name="settings">The settings the section stands in.</param>
    /// <returns>Null where there is none: no TLS is asked for.</returns>
    /// <exception cref="WireConfigurationException">A pin is none.</exception>
    public static WireTlsOptions? Read(WireSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        bool isWanted = settings.Flag("Tls", false) || settings.Has("Tls");
        if (!isWanted)
        {
            return null;
        }

        WireSettings section = settings.Section("Tls");
        return new WireTlsOptions
        {
            CaFile = section.Text("CaFile"),
            ServerName = section.Text("ServerName"),
            Pins = [.. WireTlsFiles.ReadPins(section, "Pins"), .. WireTlsFiles.ReadCertificatePin(section, "PinnedCertificateSha256")],
            CertificateFile = section.Text("CertificateFile"),
            KeyFile = section.Text("KeyFile"),
        };
    }

    /// <summary>What <see cref="SslStream.AuthenticateAsClientAsync(SslClientAuthenticationOptions, CancellationToken)"/> takes. Reads the
    /// files anew, so that they can be replaced between two connections.</summary>
    /// <param name="host">The host that is connected to.</param>
    /// <exception cref="WireConfigurationException">A file is missing, or not what it should be.</exception>
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
